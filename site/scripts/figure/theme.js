/** The theme in which figures are drawn, by the settings of the reader's system. */

export const dark = matchMedia("(prefers-color-scheme: dark)");
export const contrast = matchMedia("(forced-colors: active)");

export const tone = () => (dark.matches ? "dark" : "light");

/** @returns {import("../python/python.js").DrawRequest["theme"]} */
export const theme = () => (contrast.matches ? `contrast-${tone()}` : tone());
