/**
 * The page's own modules, as ml-demo.js hands them to see-python.js. Imported there, they would become files of their own in every page
 * (bundle/carrier.mjs), and those who never see the code would wait for them.
 *
 * @typedef {typeof import("./ml-demo.js").modules} Modules
 */

/** @type {Modules} */
export let page;

/** @param {Modules} modules */
export function give(modules) {
  page = modules;
}
