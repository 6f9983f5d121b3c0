/**
 * Links a stylesheet that contains the fonts, for pages without an origin (from disk, in a sandboxed
 * frame): browsers refuse font files to such pages. page.js, which bundle/bundler.mjs generates, runs
 * it if modules were refused.
 */

if (globalThis.origin === "null") {
  const href = new URL("../styles/inline-fonts.css", import.meta.url).href;
  document.head.append(Object.assign(document.createElement("link"), { rel: "stylesheet", href }));
}
