/**
 * The state of a figure in the URL: `#normal?mean=1&sd=0.5`. A control that is not named has its
 * default. ml-demo.js reads such links; demo.js and code-panel.js read and write them.
 *
 * Links get damaged on the way: chat apps encode them again, append a period, or write `&amp;`.
 * `parse` reads all of that, and `take` decides which values a figure can use. Both are pure;
 * tests/scripts/address.test.js and links.test.js have the cases.
 *
 * @typedef {import("./controls.js").Fields} Fields
 * @typedef {import("./numbers.js").Limits} Limits
 *
 * The values that a control accepts; a list has limits in turn, as x, y, x, y:
 * @typedef {{kind: "choice", options: string[]}
 *   | {kind: "toggle"}
 *   | {kind: "number", limits: Limits, log: boolean}
 *   | {kind: "list", limits: Limits[], least: number, most: number}} Spec
 *
 * A value in a link that can't be used as it is; `used` replaces a number out of range:
 * @typedef {{name: string, text: string, used?: string}} Problem
 */

import * as numbers from "./numbers.js";

const TRAILING = /[\s)\]}>.,;:!?'"’”»…*]+$/u; // what sentences and chat apps append to a link
const INVISIBLE = /[\u200B-\u200F\u2060\uFEFF]/gu;
/** @type {Record<string, string>} */
const SWITCH = { 1: "1", true: "1", on: "1", yes: "1", 0: "0", false: "0", off: "0", no: "0" };

/** @param {string} text @returns {string} decoded once, if possible */
function decoded(text) {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/**
 * Decodes a text that was encoded several times, until `done`.
 * @param {string} text @param {(text: string) => boolean} done
 */
function unwrapped(text, done) {
  for (let again = 0; again < 4 && !done(text); again++) text = decoded(text);
  return text;
}

/** @param {string} hash @returns {{name: string, fields: Fields}} */
export function parse(hash) {
  const text = unwrapped(hash.replace(/^#/, ""), (text) => text.includes("?") || !text.includes("%"))
    .replace(/&(amp|#38|#x26);/gi, "&")
    .replace(INVISIBLE, "");
  const [first, rest = ""] = text.split(/\?(.*)/s);
  const query = unwrapped(rest, (rest) => rest.includes("=") || !rest.includes("%"));
  /**
   * @type {Map<string, string[]>} an object would also have inherited keys, such as `constructor`
   */
  const fields = new Map();
  for (const [key, value] of pairs(query)) fields.set(key, [...(fields.get(key) ?? []), value]);
  return { name: decoded(first).replace(TRAILING, ""), fields: Object.fromEntries(fields) };
}

/** @param {string} query @returns {Iterable<[string, string]>} */
function* pairs(query) {
  for (const [key, value] of new URLSearchParams(query.replace(/&(amp;)+/gi, "&"))) {
    const text = unwrapped(value, (value) => !/%[0-9a-f]{2}/i.test(value));
    const [own, ...others] = text.split(/&(?:amp;)*(?=\w+=)/i); // an encoded &
    yield [key.replace(/^(amp;)+/i, ""), own];
    for (const other of others) yield /** @type {[string, string]} */ (other.split(/=(.*)/s).slice(0, 2));
  }
}

/** A text, and the same without what may have been appended. @param {string} text */
const variants = (text) => [text, text.replace(TRAILING, "")];

/**
 * @param {string} text @param {string[]} options
 * @returns {string | undefined} the matching option
 */
function option(text, options) {
  const same = (/** @type {string} */ words) =>
    words.normalize("NFKC").replace(/\s+/g, " ").trim().toLowerCase();
  for (const words of variants(text)) {
    if (options.includes(words)) return words;
    const like = options.filter((known) => same(known) === same(words));
    if (like.length === 1) return like[0];
  }
}

/**
 * @param {string} text @param {Limits} limits @param {boolean} [log]
 * @returns {{text: string, moved: boolean} | undefined}   and whether it was out of range
 */
function number(text, limits, log = false) {
  for (const words of variants(text)) {
    const found = numbers.read(words, limits);
    if (!("number" in found) || (log && found.number <= 0)) continue;
    const slack = 1e-9 * Math.max(Math.abs(limits.low), Math.abs(limits.high)); // a link may have lost its last digits
    return { text: numbers.write(found.fitted), moved: Math.abs(found.fitted - found.number) > slack };
  }
}

/**
 * @param {string[]} texts @param {Spec} spec
 * @returns {{texts: string[], moved: boolean} | undefined}   undefined if they can't be read
 */
function value(texts, spec) {
  if (spec.kind === "list") {
    const all =
      texts.length === 1
        ? texts[0]
            .trim()
            .split(/[;,\s]+/)
            .filter(Boolean)
        : texts;
    if (all.length < spec.least || all.length > spec.most || all.length % spec.limits.length) return;
    const found = all.map((text, index) => number(text, spec.limits[index % spec.limits.length]));
    if (!found.every((item) => item !== undefined)) return;
    return { texts: found.map(({ text }) => text), moved: found.some(({ moved }) => moved) };
  }
  const [text] = texts;
  if (texts.some((other) => other !== text)) return; // ambiguous
  if (spec.kind === "number") {
    const found = number(text, spec.limits, spec.log);
    return found && { texts: [found.text], moved: found.moved };
  }
  const words =
    spec.kind === "choice"
      ? option(text, spec.options)
      : variants(text.toLowerCase())
          .map((word) => (Object.hasOwn(SWITCH, word.trim()) ? SWITCH[word.trim()] : undefined))
          .find(Boolean);
  return words === undefined ? undefined : { texts: [words], moved: false };
}

/**
 * The values of a link that a figure can use: unreadable ones are left out, and a number out of
 * range is moved to the nearest limit.
 * @param {Fields} fields @param {Map<string, Spec>} specs
 * @returns {{fields: Fields, problems: Problem[]}}
 */
export function take(fields, specs) {
  /** @type {Fields} */
  const taken = {};
  /** @type {Problem[]} */
  const problems = [];
  for (const [name, texts] of Object.entries(fields)) {
    const spec = specs.get(name);
    const found = spec && value(texts, spec);
    if (found) taken[name] = found.texts;
    if (!found) problems.push({ name, text: texts.join(", ") });
    else if (found.moved) problems.push({ name, text: texts.join(", "), used: found.texts.join(", ") });
  }
  return { fields: taken, problems };
}

/** @param {string} text */
const short = (text) => (text.length > 30 ? `${text.slice(0, 30)}…` : text);

/**
 * The problems as one sentence for the reader; "" if there are none.
 * @param {Problem[]} problems
 */
export function complaint(problems) {
  /** @type {(problem: Problem) => string} */
  const named = ({ name, text }) => `${short(name)}=${short(text)}`;
  const unread = problems.filter(({ used }) => used === undefined).map(named);
  const moved = problems
    .filter(({ used }) => used !== undefined)
    .map((problem) => `${named(problem)} became ${short(problem.used ?? "")}`);
  const sentences = [];
  if (unread.length)
    sentences.push(
      `Part of this link could not be read (${unread.join("; ")}), so the figure uses its defaults there`,
    );
  if (moved.length)
    sentences.push(`${unread.length ? "also, " : "Part of this link is out of range: "}${moved.join("; ")}`);
  return sentences.length ? `${sentences.join("; ")}.` : "";
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

/** Shows `hash` in the address bar, if the page may. @param {string} hash */
export function show(hash) {
  try {
    history.replaceState(history.state, "", hash);
  } catch {
    // sandboxed frames and saved files may not, and WebKit allows 100 calls in 30 seconds
  }
}

/**
 * @param {string} hash
 * @returns {string} a link to share: without the options of this frame or kiosk
 */
export function link(hash) {
  const url = new URL(location.href);
  for (const key of ["embed", "kiosk"]) url.searchParams.delete(key);
  url.hash = hash;
  return url.href;
}
