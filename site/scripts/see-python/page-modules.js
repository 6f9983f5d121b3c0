/**
 * The modules of the page that the code panel uses, as demo.js hands them over. If the panel
 * imported them, they would become chunks that every page loads (bundle/bundler.mjs), and readers
 * who never open the code would wait for them.
 *
 * @typedef {typeof import("../figure/demo.js").modules} Modules
 */

/** @type {Modules} */
export let page;

/** @param {Modules} modules */
export function give(modules) {
  page = modules;
}
