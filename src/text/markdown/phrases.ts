/** Phrases that stand above or before what is none of a page's content. Twin: `content/phrases.rs`. @module */

/** How links to other pages, to readers' opinions and to newsletters are announced. */
export const PHRASES: readonly string[] =
  "more|read more|read also|also read|read next|read on|more on|more from|more in|more stories|related|related posts|related articles|related stories|related content|related topics|recommended|you may also|you might also|most read|most popular|trending|share this|share on|follow us|sign up|subscribe|leave a comment|comments|advertisement|click here|next article|previous article|next post|previous post|filed under|tags|tagged|topics|categories|lesen sie|lies auch|mehr zum thema|mehr zu|mehr aus|mehr von|das könnte|auch interessant|weitere artikel|weitere beiträge|weitere themen|ähnliche|Ähnliche|passend zum thema|schlagworte|schlagwörter|themen|teilen|zurück|zurück zur|anzeige|werbung|newsletter|jetzt teilen|kommentare|à lire|À lire|lire aussi|a lire aussi|lire la suite|sur le même|voir aussi|partager|lea también|lee también|le puede interesar|te puede interesar|ver más|más sobre|noticias relacionadas|leggi anche|leia também|leia mais|veja também|saiba mais|zobacz też|zobacz także|czytaj też|czytaj także|czytaj również|przeczytaj|polecamy|lees ook|lees meer|läs också|les også|číst také|čtěte také|читайте также|Читайте также|по теме|По теме|相关阅读|相关新闻|热门推荐|weiterlesen|schon gelesen|empfohlene|empfehlungen|aktuelle ausgabe|neueste|neueste artikel|neueste beiträge|das könnte dich|das könnte sie|das thema könnte|die neuesten|meistgelesen|vorheriger|nächster|latest|latest news|latest posts|latest stories|latest articles|recent posts|recent articles|popular|popular posts|popular articles|more articles|more news|more posts|recommended for|top stories|what to read|you may like|you might like|editor's picks|people also|visto ahora|lo último|zobacz również|zobacz|najnowsze|powiązane|powiązane artykuły|articles similaires|articles liés|sur le même sujet|plus d'articles|artículos relacionados|notas relacionadas|relacionadas|más noticias|mais lidas|notícias relacionadas|articoli correlati|potrebbe interessarti|gerelateerd|gerelateerde artikelen|liknande|relaterade artiklar|関連記事|あわせて読みたい"
    .split(
      "|",
    );

/** What stands above advertisements. */
export const ADVERTISEMENTS: readonly string[] =
  "advertisement,advertising,anzeige,werbung,reklama,publicidad,publicidade,publicité,pubblicità,advertentie"
    .split(",");

function isLetter(code: number): boolean {
  return (code | 32) >= 97 && (code | 32) <= 122 || code >= 0xc0;
}

/** Whether a part of a text is one of some phrases, or begins with one of several words. */
export function beginsWith(
  source: string,
  from: number,
  to: number,
  phrases: readonly string[],
): boolean {
  while (from < to && !isLetter(source.charCodeAt(from))) from++;
  return phrases.some((phrase) => {
    let end = from + phrase.length;
    if (end > to) return false;
    for (let place = 0; place < phrase.length; place++) {
      let code = source.charCodeAt(from + place);
      if (code >= 65 && code <= 90) code |= 32;
      if (code !== phrase.charCodeAt(place)) return false;
    }
    if (end < to && isLetter(source.charCodeAt(end))) return false;
    if (phrase.includes(" ")) return true;
    // A single word is the whole of it.
    while (end < to && source.charCodeAt(end) <= 32) end++;
    return end === to || source.charCodeAt(end) === 58;
  });
}
