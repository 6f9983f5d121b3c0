/**
 * The version of a figure's code that a reader ran last, in the browser's storage if that is
 * allowed.
 */

/** @param {string} name   of the figure */
export function savedVersion(name) {
  const key = `ml-code-${name}`;
  return {
    get: () => {
      try {
        return localStorage.getItem(key) ?? "";
      } catch {
        return "";
      }
    },
    set: (/** @type {string} */ text) => {
      try {
        localStorage.setItem(key, text);
      } catch {
        // refused, or full: the version is lost with the page
      }
    },
  };
}
