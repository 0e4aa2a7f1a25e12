/** A page as sites have them, with what is passed over and what is not. @module */

/** Its words to pass over are Navlemur, Bannergecko and Hiddenquokka. */
export const BLOCK_HTML: string = `<!doctype html><title>Keys</title>
<nav><ul><li><a href="/">Navlemur</a></ul></nav>
<div class="cookie-banner" role="dialog"><p>Bannergecko: we use cookies. <button>Accept</button></div>
<main><h1>Keys</h1><p hidden>Hiddenquokka</p>
<p>The key of the shed<a href="#fn1"><sup>1</sup></a> is green and lies in the upper drawer of the desk.</p>
<details><summary>Spare keys</summary><p>The spare key hangs behind the clock.</p></details>
<ol><li id="fn1">The shed was built in 1931.</ol></main>`;
