/**
 * The state of a demo in the address: `#normal?mean=1&sd=0.5`. A control that is not named is at its default.
 *
 * @typedef {import("./controls.js").Fields} Fields
 */

/** @param {string} hash @returns {{name: string, fields: Fields}} */
export function parse(hash) {
  const [name, query = ""] = hash.replace(/^#/, "").split(/\?(.*)/s);
  /** @type {Fields} */
  const fields = {};
  for (const [key, value] of new URLSearchParams(query)) (fields[key] ??= []).push(value);
  return { name, fields };
}

/** @param {string} name @param {Fields} fields @param {Fields} defaults @returns {string} */
export function write(name, fields, defaults) {
  const query = new URLSearchParams();
  for (const [key, values] of Object.entries(fields)) {
    if (values.join() === defaults[key]?.join()) continue;
    for (const value of values.length ? values : [""]) query.append(key, value);
  }
  return `#${name}?${query}`.replace(/\?$/, "");
}

/** Shows `hash` in the address bar, where the page is allowed to. @param {string} hash */
export function show(hash) {
  try {
    history.replaceState(history.state, "", hash);
  } catch {
    // a sandboxed frame or a saved file may not, and WebKit allows it a hundred times in half a minute
  }
}

/** @param {string} hash @returns {string} a link for others: without what this frame alone was asked */
export function link(hash) {
  const url = new URL(location.href);
  for (const key of ["embed", "kiosk"]) url.searchParams.delete(key);
  url.hash = hash;
  return url.href;
}
