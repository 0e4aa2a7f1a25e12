/**
 * Words and phrases that say of which field a question is, whatever else stands in it. They are matched by their stems.
 *
 * @module
 */

/** What stands in texts about programs and nowhere else: names of files, flags, calls, names in one word, code in quotes. */
const CODE: readonly RegExp[] = [
  /\b[\w-]+\.(?:[cm]?[jt]sx?|py|rs|go|java|kt|c|cc|cpp|hpp|cs|rb|php|sh|sql|json|toml|ya?ml|css|html|md|lock)\b/,
  /\b(?:C\+\+|C#|F#|\.NET)/,
  /(?:^|\s)--[a-z][a-z-]+\b/,
  /`[^`]+`/,
  /\b[a-z]+[A-Z]\w*\(?|\b[a-z]+_[a-z_]+\b|\w\(\)/,
  /(?:^|\s)(?:\.{0,2}\/)?[\w-]+\/[\w./-]*(?=\s|$|[.,?!])/,
  /\b[A-Z][a-z]+(?:Error|Exception)\b|\b(?:ENOENT|EACCES|ECONN[A-Z]+|ERESOLVE|SIG[A-Z]{3,5})\b/,
  /\^[^\s]+\$|\\[dws][+*{]?/,
  /[{}]\s*;|=>|&&|\|\||::|===?/,
];

function phrases(text: string): string[] {
  return text.trim().split(/\s*,\s*/);
}

/** The cues of the built-in domains. */
export const CUES = {
  developer: [
    ...CODE,
    ...phrases(`
      deno, node js, npm, typescript, javascript, python, golang, java, kotlin, vue, svelte, django, postgres, postgresql,
      sqlite, mysql, redis, mongodb, docker, dockerfile, kubernetes, linux kernel, bash, regex, regular expression, git,
      github, gitlab, pull request, merge conflict, rebase, repository, codebase, source code, code review, refactor,
      unit test, integration test, test coverage, stack trace, traceback, debugger, debug, breakpoint, compiler, compile,
      linker, segfault, segmentation fault, null pointer, runtime error, syntax error, memory leak, garbage collector,
      race condition, deadlock, mutex, async, recursion, algorithm, time complexity, data structure, linked list,
      hash table, binary tree, array, boolean, integer, inheritance, polymorphism, dependency injection, design pattern,
      api, endpoint, http, https, json, yaml, xml, html, css, sql, query plan, database index, schema migration, orm,
      frontend, backend, web server, websocket, microservice, continuous integration, ci pipeline, environment variable,
      command line, shell script, package manager, dependency, library version, semver, lockfile, webpack, bundler,
      pip install, linter, lint, type check, generic type, struct, enum, todo comment, lines of code, changelog,
      docstring, readme, software, programming, programmer, developer, localhost, port number, ssh, tls certificate,
      oauth, css selector, browser console, stdout, stderr, exit code, cron job, log file, config file, byte array,
      unicode, utf 8, base64, checksum, encryption library, api key, in rust, rust code, rust program, rust crate,
      cargo build, react component, react app, react hook, release branch, feature branch, git branch, callback function,
      mock object, python script, command line tool, web page source`),
  ],
  trader: phrases(`
      stock market, stock price, share price, equities, etf, etfs, mutual fund, index fund, forex, currency pair, eur usd,
      crypto, bitcoin, commodity, commodities, call option, put option, covered call, strike price, option chain,
      implied volatility, volatility, theta, delta hedge, gamma exposure, vega, black scholes, backtest, backtesting,
      drawdown, sharpe, sortino, slippage, moving average, rsi, macd, bollinger, stochastic oscillator, candlestick,
      support and resistance, trend line, technical analysis, fundamental analysis, trading, trader, day trading,
      swing trading, trading strategy, market order, limit order, stop loss, take profit, trailing stop, position size,
      position sizing, risk per trade, margin call, margin account, short selling, short position, long position,
      short squeeze, rebalance, diversification, asset allocation, dividend, dividends, earnings per share,
      price earnings, yield to maturity, yield curve, bid ask, ask price, order book, liquidity, market maker, broker,
      brokerage, stock exchange, bull market, bear market, market cap, ipo, equity curve, profit and loss,
      return on investment, compound return, beta of a stock, arbitrage, carry trade, contango, open interest,
      expiry date, settlement price, closing price, price series, risk reward, kelly criterion, value at risk, pips,
      ticker, nasdaq, s p 500, invest, investing, investor, investment, bond prices, bond price, government bond,
      corporate bond, shares of, buy shares, portfolio of stocks, stock portfolio, futures contract, technology stocks,
      stock trades, a stock, daily closes, these closes, covered calls`),
  lawyer: phrases(`
      contract law, clause, clauses, contractual, agreement, nda, non disclosure, confidentiality agreement, non compete,
      lease, landlord, tenant, sublet, eviction, rental agreement, employment contract, notice period, severance,
      termination clause, termination, liability, liable, indemnity, indemnify, indemnification, warranty, negligence,
      breach of contract, force majeure, arbitration, mediation, jurisdiction, governing law, choice of law, litigation,
      lawsuit, sue, suing, jury, plaintiff, defendant, verdict, judgment, injunction, statute, statutory,
      statute of limitations, legislation, gdpr, data protection, privacy policy, terms of service, copyright, trademark,
      patent, intellectual property, licence agreement, license agreement, infringement, plagiarism, lawyer, attorney,
      solicitor, legal, legally, illegal, lawful, unlawful, enforceable, void contract, null and void, obligation,
      obligations, rights and duties, legal right, power of attorney, notary, probate, last will, heir, inheritance tax,
      testament, testimony, burden of proof, criminal, prosecution, custody, divorce, alimony, prenuptial,
      shareholders agreement, articles of association, due diligence, counterparty, redline, whereas, hereby, signatory,
      party to the agreement, both parties, the parties, penalty clause, consumer protection, refund right,
      cooling off period, data processing agreement, subpoena, affidavit, parking fine, legally binding,
      binding agreement, agreement binding, binding contract, the contract, this contract, a contract, contract says,
      in court, the court, court order, legal dispute, claim damages, civil law, criminal law, by law, against the law,
      breach of, termination provisions`),
} as const satisfies Record<string, readonly (string | RegExp)[]>;
