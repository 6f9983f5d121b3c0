/**
 * The page's type for a page without an origin (from disk, in a sandboxed frame): to such a page browsers refuse files of type,
 * but not a style that has them inside.
 */

if (globalThis.origin === "null") {
  const href = new URL("../styles/faces.css", import.meta.url).href;
  document.head.append(Object.assign(document.createElement("link"), { rel: "stylesheet", href }));
}
