/**
 * The one list of stop words, in twenty languages, our own: for the keywords of a text and for what a question asks about. Rust
 * reads this very file, so it holds exactly one template literal and no other backtick: lines of "xx: word word ...",
 * wrapped lines without a language code continue the last.
 * Apostrophes never occur: words are split there first (don't: don, t). Written without one (dont) they are words of their own.
 *
 * @module
 */

/** The lists as text, one language after the other. */
const STOP_WORDS = `
en: a about above according across actually after afterwards again against ago ain all almost alone along already also although always am
 among an and another any anybody anyone anything anywhere are aren arent around as at away back be became because become becomes been
 before behind being below beside besides between beyond both but by came can cannot cant come comes could couldn couldnt d did didn didnt
 do does doesn doesnt doing don done dont down during each either else elsewhere enough especially etc even ever every everybody everyone
 everything everywhere except far few for former from further gave get gets getting give given gives go goes going gone got had hadn hadnt
 has hasn hasnt have haven havent having he hence her here hers herself him himself his how however i if in indeed instead into is isn isnt
 it its itself ive just keep kept know known last later latter least less let like likely ll m made mainly make makes making many may maybe
 me meanwhile might mightn mine more moreover most mostly much must mustn mustnt my myself near nearly needn neither never nevertheless next
 no nobody none nor not nothing now nowhere o of off often on once one ones only onto or other others otherwise ought our ours ourselves out
 over own per perhaps please put quite rather re really s said same say says see seem seemed seems seen several shall shan she should
 shouldn shouldnt since so some somebody somehow someone something sometimes somewhere soon still such t take taken takes tell than that
 thats the their theirs them themselves then there therefore theres these they theyre theyve thing things this those though through
 throughout thus till to together too took toward towards tried try under unless until up upon us use used uses using usually ve very via
 want wants was wasn wasnt way we well went were weren werent weve what whatever whats when whenever where whereas wherever whether which
 while who whoever whole whom whose why will with within without won wont would wouldn wouldnt yes yet you your youre yours yourself
 yourselves youve
de: aber alle allem allen aller alles als also am an ander andere anderem anderen anderer anderes anders auch auf aus ausser außer bei beide
 beiden beim bereits bin bis bist bzw da dabei dadurch dafür dagegen daher damit danach daneben dann daran darauf daraus darf darin darum
 darunter das dass davon davor dazu daß dein deine deinem deinen deiner dem den denen denn dennoch der deren des deshalb dessen dich die
 dies diese dieselbe diesem diesen dieser dieses dir doch dort du durch dürfen ebenso eher eigentlich ein eine einem einen einer eines
 einfach einige einigen einiger einiges einmal er erst erste ersten es etwa etwas euch euer eure eurem euren eurer falls fast für ganz gar
 gegen gemacht genau gerade gern gewesen gibt gut habe haben hat hatte hatten hier hin hinter ich ihm ihn ihnen ihr ihre ihrem ihren ihrer
 ihres im immer in indem infolge innerhalb ins irgend ist ja je jede jedem jeden jeder jedes jedoch jemand jene jenem jenen jener jenes
 jetzt kann kannst kaum kein keine keinem keinen keiner keines kommen kommt konnte können könnte lassen lässt machen macht mal man manche
 manchem manchen mancher manches mehr mein meine meinem meinen meiner meist mich mir mit muss musste möchte mögen müssen müsste nach nachdem
 neben nein nicht nichts nie niemand noch nun nur ob oben oder ohne schon sehr sei sein seine seinem seinen seiner seines seit seitdem
 selber selbst sich sie sind so sobald sodass sogar solche solchem solchen solcher solches soll sollen sollte sollten somit sondern sonst
 soweit sowie sowohl statt stets tun um und uns unser unsere unserem unseren unserer unter usw viel viele vielen vieler vielleicht vom von
 vor wann war waren warum was weder wegen weil weiter weitere weiteren welche welchem welchen welcher welches wenig wenige weniger wenn wer
 werde werden weshalb wie wieder will wir wird wirklich wo wobei wodurch wohl wollen wollte worden wurde wurden während wäre wären würde
 würden z zu zum zur zusammen zwar zwischen über überhaupt übrigens
fr: a afin ai aie ailleurs ainsi ait alors après as assez au aucun aucune aujourd auprès auquel aura aurait auront aussi autant autour autre
 autres autrement aux auxquelles auxquels avaient avais avait avant avec avez avoir avons ayant beaucoup bien bon c car ce ceci cela celle
 celles celui cependant certain certaine certaines certains ces cet cette ceux chacun chacune chaque chez ci combien comme comment contre d
 dans de debout dedans dehors depuis derrière des desquelles desquels dessous dessus deux devant devrait doit doivent donc dont du duquel
 durant dès elle elles en encore enfin ensuite entre envers est et etc eu eux eût faire fais fait faites faut fois font fut grâce hors hui
 ici il ils j jamais je jusqu jusque l la laquelle le lequel les lesquelles lesquels leur leurs lors lorsqu lorsque lui là m ma maintenant
 mais malgré me mes mien mienne mieux moi moins mon même mêmes n ne ni non nos notamment notre nous nul on ont or ou où outre par parce
 parfois parmi pas pendant personne peu peut peuvent plus plusieurs plutôt point pour pourquoi pourrait pouvait près presque puis puisqu
 puisque qu quand quant que quel quelle quelles quelqu quelque quelques quels qui quiconque quoi quoique rien s sa sans sauf se selon sera
 serait seront ses seulement si sien sienne soi soient sois soit sommes son sont sous souvent suis suivant sur surtout t ta tandis tant te
 tel telle telles tels tes toi ton toujours tous tout toute toutefois toutes tu très un une va vers voici voilà vont vos votre vous vu y à
 étaient étais était étant été êtes être
es: a acuerdo además ahora al algo alguien algún alguna algunas alguno algunos allí ambos ante antes apenas aquel aquella aquellas aquello
 aquellos aquí así aun aunque aún bajo bastante bien cada casi cierta cierto como cómo con conmigo contra cual cuales cualquier cuáles cuál
 cuando cuándo cuanto cuánto cuya cuyo da dado de debe deben debido decir dejar del demasiado dentro desde después detrás di dice dicho
 donde dónde dos durante e el él ella ellas ellos embargo en encima entonces entre era eran eras eres es esa esas ese eso esos esta estaba
 estaban estado estamos estar estas este esto estos estoy está están estás fue fuera fueron fui gran ha haber habla había habían hace hacen
 hacer hacia hago han hasta hay haya he hecho hemos hizo hoy incluso ir jamás junto la las le les lo los luego mal mas más me mejor menos mi
 mía mientras mío mis misma mismas mismo mismos mucha muchas mucho muchos muy nada nadie ni ningún ninguna ninguno no nos nosotros nuestra
 nuestras nuestro nuestros nunca o os otra otras otro otros para parece pero poca pocas poco pocos podemos poder podría por porque posible
 pronto pudo pueda puede pueden pues que qué quien quién quienes quiere sabe salvo se sea sean según ser será si sí sido siempre siendo sin
 sino sobre sola solamente solo sólo somos son soy su sus suya suyo tal tales también tampoco tan tanta tanto te tenemos tener tenía tengo
 ti tiene tienen toda todas todavía todo todos tras tu tus tuvo tú un una unas uno unos usted ustedes va vamos van varias varios veces ver
 vez vosotros voy vuestra vuestro y ya yo
it: a abbia abbiamo abbiano accanto ad adesso agli ai al alcuna alcune alcuni alcuno all alla alle allo allora altra altre altri altro anche
 ancora anzi appena assai attraverso avanti avere aveva avevano avuto ben bene c ché chi che chiunque ci ciascuna ciascuno ciò cioè circa
 coi col come con contro così cosa cui d da dagli dai dal dall dalla dalle dallo davanti deve devono degli dei del dell della delle dello
 dentro di dietro dopo dove dovrebbe due dunque durante e ecco ed entro era erano essa esse essendo esser essere essi è fa facendo fare fatto
 fin finché fino forse fra fu fuori furono già gli ha hai hanno ho i il in infatti inoltre insieme intanto intorno invece io l la là le lei
 li lo loro lui lungo ma mai me meglio meno mentre mi mia mie miei mio molta molte molti molto ne negli nei nel nell nella nelle nello nemmeno
 neppure nessun nessuna nessuno niente no noi non nostra nostre nostri nostro nulla o od ogni ognuno oltre oppure ora per perché però
 perfino più po poca poche pochi poco poi poiché prima proprio può possono può qua quale quali qualche qualcosa qualcuno quando quanta quante
 quanti quanto quasi quel quell quella quelle quelli quello quest questa queste questi questo qui quindi riguardo s sarà saranno sarebbe se
 sé sebbene secondo sei sembra sempre senza si sia siamo siano siete sia sino solo soltanto sono sopra soprattutto sotto sta stata state
 stati stato stessa stesse stessi stesso su sua subito sue sugli sui sul sull sulla sulle sullo suo suoi tale tali talvolta tanta tante tanti
 tanto te ti tra tranne troppo tu tua tue tuo tuoi tutta tuttavia tutte tutti tutto un una uno va verso vi via voi volta vostra vostre vostri
 vostro
pt: a acerca agora ainda além algo alguém algum alguma algumas alguns ali ambos ante antes ao aos apenas após aquela aquelas aquele aqueles
 aquilo aqui as assim até através à às bastante bem cada cá cerca certa certo com como conforme contra contudo cuja cujo da daquela daquele
 das de dela delas dele deles demais dentro depois desde dessa desse desta deste deve devem dever disso disto diz dizer do dois dos durante
 e é ela elas ele eles em embora enquanto entanto então entre era eram essa essas esse esses esta estamos estar estas estava estavam este
 estes esteve estou está estão eu fazem fazer faz fez fim foi fora foram fosse geral há hoje houve isso isto já jamais la lá lhe lhes lo
 logo longe maior mais mal mas me meio melhor menos mesma mesmas mesmo mesmos meu meus mim minha minhas muita muitas muito muitos na nada
 não nas nela nele nem nenhum nenhuma nessa nesse nesta neste ninguém nisso nisto no nos nossa nossas nosso nossos num numa nunca nós o onde
 ontem os ou outra outras outro outros para parece pela pelas pelo pelos per perante perto pode podem poder podia por porém porque porquê
 portanto pouca poucas pouco poucos primeiro própria próprio pude quais qual qualquer quando quanto quase que quê quem quer se seja sejam
 sem sempre sendo ser será serão seu seus si sido sim só sob sobre sua suas são tal tais também tampouco tanta tanto te tem tendo tenha
 tenho ter teve ti tido tinha tinham toda todas todavia todo todos tu tua tuas tudo têm um uma umas uns vai vamos vão várias vários vem ver
 vez vezes você vocês vos vossa vosso vós
nl: aan aangaande achter af al alle allebei alleen alles als alsof altijd ander andere anderen anders behalve ben beneden bent bij bijna
 bijvoorbeeld binnen boven bovendien buiten daar daarbij daardoor daarin daarna daarom daarop daarvan daarvoor dan dat de den der deze die
 diens dit doch doe doen doet door doordat dus echter een eens eerst eerste eigen elk elke elkaar en enige enkel enkele er erg ergens ervan
 etc even gaan gaat ge geen geheel gehad geweest geworden haar had hadden heb hebben hebt heeft heel hem hen het hier hierbij hierin hij
 hoe hoewel hun ieder iedere iedereen iemand iets ik in inderdaad indien is ja je jij jou jouw juist jullie kan kon konden krijgen kun
 kunnen kunt laat later laten liever maar maken mag me meer meest men met mezelf mij mijn minder misschien moest moesten moet moeten mogen
 na naar naast nadat namelijk nee net niemand niet niets nog nogal nooit nu of om omdat omhoog omlaag onder ondanks ondertussen ons onze ooit
 ook op opnieuw over overigens pas per precies reeds rond s sinds slechts sommige soms steeds sta staan t te tegen tegenover ten tenzij ter
 terug terwijl tijdens toch toe toen tot totdat tussen u uit uw vaak van vanaf vandaag vanuit vanwege veel verder vervolgens via vol volgens
 voor vooral voordat voorts vrij waar waarbij waardoor waarin waarna waarom waarop waarvan waarvoor wanneer want waren was wat we weer weg
 wegens wel welk welke werd werden wie wij wil willen word worden wordt zal ze zeer zei zeker zelf zelfs zich zichzelf zij zijn zo zoals
 zodat zonder zou zouden zoveel zulke zullen zult
ru: а без безусловно более больше будем будет будете будешь буду будут будучи бы был была были было быть в вам вами вас ваш ваша ваше ваши
 вверх вдоль вдруг ведь везде весь вместо вниз во вокруг вообще вот впрочем все всегда всего всей всем всеми всему всех всею всё вслед всю
 вся вы где да давно даже для до довольно должен должна должно должны другая другие других другого другое другой едва его ее ей ему если
 есть еще ещё ею её ж же за зато зачем здесь и из или им именно иметь имеет ими иногда их к каждая каждое каждые каждый кажется как какая
 какие каким каких какое какой когда кого кому конечно которая которого которое которой котором которому которую которые который которым
 которых кроме кругом кто куда лет ли либо лишь лучше между меня мне много может можно мой мог могла могли могут моя моё мои мы на над надо
 назад наиболее наконец нам нами например нас наш наша наше наши не него нее ней некоторые некоторых нельзя нем нему несколько нет нею неё
 ни нибудь никак никакой никогда никто ним ними них ничего но ну нужно нём о об оба один одна одни одно однако около он она они оно опять
 от отчего очень перед по под подобно пока после потом потому почему почти при про просто против пусть раз разве с сам сама сами само самого
 самой самом самые самый свое своего своей свои своим своих свой свою своя себе себя сейчас сквозь со собой совсем среди так такая также
 такие таким таких такого такое такой там твой твоя твои тебе тебя тем теми теперь тех то тобой тогда того тоже той только том тому тот
 туда тут ты у уж уже хорошо хотел хотеть хотя чего чей чем через что чтоб чтобы чуть чьё чья эта эти этим этими этих это этого этой этом
 этому этот эту я
sv: alla allt att av bara blev bli blir de den denna det detta dig din du där efter eller en er ett från för ha hade han har hon hos hur här
 i icke in inte jag kan man med men mig min mot mycket ni nu när någon något några och om oss på sedan sig sin ska skall skulle som så till
 under upp ut utan vad var vara varit vi vid vill är över
da: af alle alt at bare blev blive bliver da de dem den denne der deres det dette dig din du efter eller en end er et for fra ham han har
 havde hende her hos hun hvad hver hvis hvor i ikke ind jeg kan kun man mange med meget men mig min mod noget nogle nu når og også om op os
 over på sig sin skal skulle som sådan til ud under var ved vi vil ville være været
nb: alle alt at av bare ble bli blir både da de dem den denne der dere det dette din du eller en er et etter for fra ha hadde han har henne
 her hos hun hva hver hvis hvor i ikke inn jeg kan kun man mange med meg men min mot mye noe noen nå når og også om opp oss over på seg sin
 skal skulle slik som så til under ut var ved vi vil ville være vært
fi: ei eivät ennen etta että he hän ja joka jos jotka kaikki kanssa koska kuin kun me mikä minä mitä mukaan mutta myös ne niin noin nyt olen
 oli olivat olla ollut on ovat se sekä sen siellä sinä sitä tai tämä tässä vaan vai vain voi vuoden
pl: a aby albo ale bardzo bez bo być był była było były co czy dla do gdy gdzie go i ich ile im inne innych iż ja jak jako je jego jej jest
 jeszcze jeśli już każdy kiedy kto która które którego której który których którzy lub ma mają mnie może można na nad nawet nich nie nim niż
 o od on ona one oni oraz po pod ponieważ przed przez przy się sobie swoje są ta tak także tam te tego tej ten to tu tych tylko tym u w we
 wie więc z za ze że żeby
cs: a aby ale ani až bez bude budou by byl byla byli bylo být co do ho i jak jako je jeho jejich její jen ještě již jsem jsme jsou k kde
 když kterou která které který kteří ku mají mezi mi má může na nad nebo není než o od on ona oni pak po pod podle pokud pouze pro proto
 protože před při s se si své svůj ta tak také tam te ten tento to tohoto tom tu ty této tím u už v ve více však všech z za ze že
tr: ama ancak arasında artık aslında az bana bazı belki ben bile bir biraz biri birçok bu buna bunda bundan bunu bunun da daha de değil diye
 diğer en gibi göre hangi hem her hiç ile ise için kadar ki kim mi mu mü mı nasıl ne neden nerede o olan olarak oldu olduğu olması olur on
 ona onlar onu onun sadece sen siz sonra tarafından tüm var ve veya ya yani yine yok çok çünkü şey şu
ro: a aceasta această acest aceste acestei acestui ai al ale am ar are asupra au avea ca care ce cei cel cele cu cum când cât că către dar
 de deci decât despre din dintre după e ea ei el ele este eu fi fie fost fără iar la le li lor lui mai mult nu o or ori pe pentru pot prin sa
 sale sau se si spre sub sunt să te toate tot tu un una unei unele unui va vor îi în între își și
hu: a abban ahogy aki akkor alatt amely amelyek ami az azok azonban azt be csak de e egy egyes el ez ezek ezt fel ha hanem hogy hogyan igen
 illetve is itt jól kell ki le lehet lesz lett maga majd meg mely melyek mert mi mikor minden mint már még nagyon ne nem nincs néhány ott
 pedig s saját sem szerint szinte számára talán tehát teljes több után utána vagy vagyis van vannak volt voltak össze úgy ő ők
el: ένα ένας έχει έχουν ή ήταν αλλά αν ανάμεσα αντί από αυτά αυτές αυτή αυτοί αυτού αυτό αυτός για δε δεν είναι είχε εγώ εκεί εμείς ενώ
 εσείς εσύ η θα κάθε καθώς και κατά κι μέσα μα με μετά μη μην μια μόνο να ο οι ού ούτε που πριν προς πώς σε στα στη στην στις στο στον στους
 τα τη την της τι τις το τον του τους των ως όμως όπου όπως όταν ότι
uk: а або адже але б без був була були було бути більше в вже ви вона вони воно все всі від він де для до дуже ж з за зі й його коли мені ми
 може на над нам нас не них ні ніж о один по при про під після та так також там те ти тим то того той тому тут у усі хто це цей цього ця
 через чи що щоб я як яка яке який якого якої якщо які є і із інші їх її
id: ada adalah agar akan aku anda antara apa atau bagi bahwa banyak beberapa belum bisa bukan dalam dan dapat dari dengan di dia hanya harus
 hingga ia ini itu jika juga kami kamu karena kata ke kepada ketika kita lagi lain lalu lebih maka mereka namun oleh pada para pernah pula
 saat saja sangat saya sebagai sebuah secara sedang sehingga sejak seperti serta setelah suatu sudah tak telah tentang terhadap tersebut
 tetapi tidak untuk yaitu yang
`;

/** How many languages there are. */
export const LANGUAGES = 20;

/** The bit of English. */
export const ENGLISH = 1;

let masks: Map<string, number> | undefined;

/** Each stop word with one bit for each language that has it, in the order of the lists. */
export function stopWords(): ReadonlyMap<string, number> {
  if (masks === undefined) {
    masks = new Map();
    let bit = 0;
    for (const item of STOP_WORDS.split(/\s+/)) {
      if (item.endsWith(":")) bit = bit === 0 ? ENGLISH : bit << 1;
      else if (item !== "") masks.set(item, (masks.get(item) ?? 0) | bit);
    }
  }
  return masks;
}
