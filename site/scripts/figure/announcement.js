/**
 * What a screen reader announces when an interaction with a figure ends: first what changed
 * ("mean μ 1"), then the caption. demo.js puts it into a live region.
 *
 * @typedef {import("./controls.js").Fields} Fields
 */

const FEW = 2; // if more controls have changed, the caption alone is announced

/**
 * @param {HTMLFormElement} form @param {Fields} before @param {Fields} now
 * @param {string} caption
 * @returns {string}
 */
export function announcement(form, before, now, caption) {
  const changed = Object.keys(now).filter((name) => String(now[name]) !== String(before[name] ?? ""));
  if (!changed.length || changed.length > FEW) return caption;
  return [...changed.map((name) => `${change(form, name, before[name] ?? [], now[name])}.`), caption].join(
    " ",
  );
}

/**
 * @param {HTMLFormElement} form @param {string} name @param {string[]} before @param {string[]} now
 */
function change(form, name, before, now) {
  const fields = /** @type {(HTMLInputElement | HTMLSelectElement)[]} */ (
    [...form.elements].filter((field) => field.getAttribute("name") === name)
  );
  const [field] = fields;
  const set = form.querySelector(`fieldset[data-name="${CSS.escape(name)}"]`);
  if (!set) return `${words(field?.labels?.[0])} ${value(field)}`;
  const moved = now.flatMap((text, index) => (text === before[index] ? [] : [index]));
  if (now.length !== before.length || moved.length > 2)
    return `${words(set.querySelector("legend"))}${set.matches(".points") ? `, ${now.length / 2} points` : ""}`;
  const labels = moved.map((index) => fields[index]?.getAttribute("aria-label") ?? "");
  // "point a, x 1, y 2": the common beginning of two labels is said once
  const [first, second] = labels.map((label) => label.split(", "));
  if (second && first[0] === second[0] && first.length === 2)
    return `${first[0]}, ${first[1]} ${now[moved[0]]}, ${second[1]} ${now[moved[1]]}`;
  return moved.map((index, at) => `${labels[at]} ${now[index]}`).join(", ");
}

/** @param {Element | null | undefined} label */
function words(label) {
  return label?.textContent?.trim().replace(/\s+/g, " ") ?? "";
}

/** @param {HTMLInputElement | HTMLSelectElement | undefined} field */
function value(field) {
  if (field instanceof HTMLSelectElement) return words(field.selectedOptions[0]);
  if (field?.type === "checkbox") return field.checked ? "on" : "off";
  return field?.getAttribute("aria-valuetext") ?? field?.value ?? "";
}
