/**
 * Splits the WebAssembly modules of the fast start into the functions that figures call and the rest
 * (see docs/fast-start.md). snapshot.py runs it.
 *
 *     node bundle/hot-functions.mjs RUNTIME SNAPSHOT OUT < STATES
 *
 * RUNTIME   folder with Pyodide's files
 * SNAPSHOT  folder that snapshot.mjs made
 * OUT       gets the hot part of each module, under the module's name, and cold.bin (compressed)
 * STATES    the states to draw: {figure: [fields, …]}
 *
 * Python is restored twice: with modules that note which functions run, to draw all states; and with
 * the hot parts, to prove that they draw.
 */
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { pathToFileURL } from "node:url";
import zlib from "node:zlib";
import { draw } from "../site/scripts/python/draw.js";
import {
  CODE,
  TRAP,
  functions,
  joined,
  merge,
  numberAt,
  numberBytes,
  sections,
  withCode,
} from "../site/scripts/python/module-parts.js";
import { restore } from "../site/scripts/python/restore.js";
import { COMPRESSION, freeze, say } from "./reproducible.mjs";

/** @typedef {Uint8Array<ArrayBuffer>} Bytes */
/** @typedef {Record<string, Record<string, string[]>[]>} States */

const MAIN = "pyodide.asm.wasm";
const [MEMORY, EXPORTS] = [5, 7]; // ids of sections
const BEFORE_MEMORIES = [0, 1, 2, 3, 4]; // ids of those that come before the memories
// Opcodes (https://webassembly.github.io/spec/core/binary/instructions.html). After all others up to
// LAST_SIMPLE, as many numbers follow as OPERANDS says; after MORE, the second part of the opcode.
const [I32_CONST, I32_STORE8, F32_CONST, F64_CONST] = [0x41, 0x3a, 0x43, 0x44];
const [END, BR_TABLE, CALL, RETURN_CALL, SELECT, MORE] = [0x0b, 0x0e, 0x10, 0x12, 0x1c, 0xfc];
const LAST_SIMPLE = 0xd2;
/** @type {Record<number, number>} */
const OPERANDS = { 0x3f: 1, 0x40: 1, 0x41: 1, 0x42: 1, 0xd0: 1, 0xd2: 1 };
for (const one of [0x02, 0x03, 0x04, 0x06, 0x07, 0x08, 0x09, 0x0c, 0x0d, 0x18]) OPERANDS[one] = 1;
for (let variable = 0x20; variable <= 0x26; variable += 1) OPERANDS[variable] = 1;
for (let memory = 0x28; memory <= 0x3e; memory += 1) OPERANDS[memory] = 2;
OPERANDS[0x11] = OPERANDS[0x13] = 2; // indirect calls
/** From memory.init on; those before convert numbers. @type {Record<number, number>} */
const MORE_OPERANDS = { 8: 2, 9: 1, 10: 2, 11: 1, 12: 2, 13: 1, 14: 2, 15: 1, 16: 1, 17: 1 };
/** Bytes of functions that are hot in any case, such as those that free an object of some type. */
const SMALL = 128;
const NAMES_MEMORY = 0x40; // in the alignment of a store: the index of its memory follows
const NOTES = "functions that ran"; // the export of the memory that is added
/** Looks of pictures: width in CSS pixels, device pixels per CSS pixel, colors. */
const LOOKS = /** @type {[number, number, "light" | "dark"][]} */ ([
  [330, 1, "light"],
  [720, 2, "dark"],
  [358.4, 2.625, "light"],
  [720, 1.25, "light"],
]);

/** @param {string} file @returns {Bytes} */
const read = (file) => new Uint8Array(fs.readFileSync(file));

const [runtime, saved, out] = process.argv.slice(2, 5).map((name) => path.resolve(name));
/** @type {States} */
const states = JSON.parse(fs.readFileSync(0, "utf8"));
/** @type {import("../site/scripts/python/restore.js").SnapshotRecord} */
const record = JSON.parse(fs.readFileSync(path.join(saved, "record.json"), "utf8"));
const names = [MAIN, ...record.libraries.map(({ file }) => file)];
const whole = names.map((name) => read(path.join(name === MAIN ? runtime : saved, name)));

const loader = await import(pathToFileURL(path.join(runtime, "pyodide.mjs")).href);
const asm = await import(pathToFileURL(path.join(runtime, "pyodide.asm.mjs")).href);
freeze();

/** @param {number} number @returns {number[]} in LEB128, as the operand of i32.const; not negative */
function signedBytes(number) {
  const bytes = [];
  for (; number > 63; number >>>= 7) bytes.push((number & 127) | 128);
  return [...bytes, number];
}

/** @param {number} id @param {Uint8Array} contents */
const section = (id, contents) => joined([Uint8Array.of(id, ...numberBytes(contents.length)), contents]);

/** A vector with one more element. @param {Uint8Array} vector @param {number[]} element */
function extended(vector, element) {
  const [count, from] = numberAt(vector, 0);
  return joined([Uint8Array.from(numberBytes(count + 1)), vector.subarray(from), Uint8Array.from(element)]);
}

/**
 * Where the code of a function starts, after its local variables.
 * @param {Uint8Array} module @param {number} body
 */
function afterLocals(module, body) {
  let [groups, at] = numberAt(module, body);
  for (; groups; groups -= 1) at = numberAt(module, at)[1] + 1;
  return at;
}

/**
 * The functions that a function calls directly.
 * @param {Uint8Array} module @param {number} body @param {number} end
 * @returns {number[]} their indices; imported functions come first
 */
function callees(module, body, end) {
  const found = [];
  let at = afterLocals(module, body);
  const number = () => {
    const [value, after] = numberAt(module, at);
    at = after;
    return value;
  };
  while (at < end) {
    const opcode = module[at];
    at += 1;
    if (opcode === CALL || opcode === RETURN_CALL) found.push(number());
    else if (opcode === BR_TABLE) for (let labels = number(); labels >= 0; labels -= 1) number();
    else if (opcode === SELECT) at += number();
    else if (opcode === F32_CONST) at += 4;
    else if (opcode === F64_CONST) at += 8;
    else if (opcode === MORE) for (let operands = MORE_OPERANDS[number()]; operands; operands -= 1) number();
    else if (opcode > LAST_SIMPLE) throw new Error(`unknown instruction ${opcode}`);
    else for (let operands = OPERANDS[opcode]; operands; operands -= 1) number();
  }
  if (at !== end || module[end - 1] !== END) throw new Error("the instructions of a function end elsewhere");
  return found;
}

/** How many functions a module imports. @param {Uint8Array} module */
const imported = (module) =>
  WebAssembly.Module.imports(new WebAssembly.Module(/** @type {Bytes} */ (module))).filter(
    ({ kind }) => kind === "function",
  ).length;

/**
 * Marks all functions that marked ones call directly, and so on: what ran only in rare cases, such as
 * the last digits of a number, is beside what ran always.
 * @param {Uint8Array} module @param {Uint8Array} marks   a byte for each function
 */
function markCallees(module, marks) {
  const first = imported(module);
  const code = sections(module).find(({ id }) => id === CODE);
  if (!code) return;
  const bodies = [...functions(module, code.from)];
  const todo = [...bodies.keys()].filter((index) => marks[index]);
  for (let index = todo.pop(); index !== undefined; index = todo.pop())
    for (const callee of callees(module, bodies[index].body, bodies[index].end)) {
      if (callee < first || marks[callee - first]) continue;
      marks[callee - first] = 1;
      todo.push(callee - first);
    }
}

/**
 * A module whose functions first set their byte in an additional memory, which it exports. It is the
 * module's second memory, because each module has one.
 * @param {Uint8Array} module
 */
function noting(module) {
  let index = 0;
  const noted = withCode(module, (_, body, end) => {
    const code = afterLocals(module, body);
    const note = [I32_CONST, ...signedBytes(index), I32_CONST, 1, I32_STORE8, NAMES_MEMORY, 1, 0];
    index += 1;
    return [
      Uint8Array.from(numberBytes(end - body + note.length)),
      module.subarray(body, code),
      Uint8Array.from(note),
      module.subarray(code, end),
    ];
  });
  const memory = [0, Math.ceil(index / 65_536)]; // no maximum; pages
  const name = new TextEncoder().encode(NOTES);
  const exported = [...numberBytes(name.length), ...name, 2, 1]; // the memory with the index 1
  const parts = [noted.subarray(0, 8)];
  let added = false;
  for (const { id, start, from, to } of sections(noted)) {
    const contents = noted.subarray(from, to);
    if (!added && !BEFORE_MEMORIES.includes(id)) {
      added = true;
      if (id !== MEMORY) parts.push(section(MEMORY, Uint8Array.from([1, ...memory])));
    }
    if (id === MEMORY) parts.push(section(id, extended(contents, memory)));
    else if (id === EXPORTS) parts.push(section(id, extended(contents, exported)));
    else parts.push(noted.subarray(start, to));
  }
  return joined(parts);
}

/**
 * Python, restored with these modules.
 * @param {WebAssembly.Module[]} modules @returns {Promise<any>}
 */
async function python([main, ...libraries]) {
  const packed = fs.readFileSync(path.join(saved, "snapshot.bin"));
  const scratch = fs.mkdtempSync(path.join(os.tmpdir(), "hot-functions-"));
  const stdLibURL = path.join(scratch, "none.zip");
  fs.writeFileSync(stdLibURL, "");
  try {
    return await restore({
      record,
      snapshot: new Uint8Array(zlib.zstdDecompressSync(packed)).buffer,
      main,
      modules: libraries,
      loadPyodide: loader.loadPyodide,
      version: loader.version,
      createPyodideModule: asm.default,
      options: { indexURL: runtime, stdLibURL },
    });
  } finally {
    fs.rmSync(scratch, { recursive: true });
  }
}

/**
 * Draws figures, each in one of the looks, drags their handles, and has one fail.
 * @param {any} pyodide @param {States} states
 */
function drawAll(pyodide, states) {
  const session = pyodide.pyimport("stage.session");
  Object.entries(states).forEach(([demo, each], i) => {
    const [width, ratio, theme] = LOOKS[i % LOOKS.length];
    /**
     * @param {Record<string, string[]>} fields @param {object} [more]
     * @returns {Record<string, any> | null}
     */
    const handlesAfter = (fields, more) => {
      const request = { demo, fields, width, ratio, theme, whole: false, ...more };
      try {
        return draw(pyodide, session, request).handles;
      } catch (error) {
        throw new Error(`${demo} can't be drawn in the state ${JSON.stringify(fields)}:\n${error}`);
      }
    };
    let handles = {};
    for (const fields of each) {
      handles = handlesAfter(fields) ?? handles; // null: they are where they were
      for (const [name, { at, x, y }] of Object.entries(handles)) {
        const third = (/** @type {number[]} */ [low, high]) => low + (high - low) / 3;
        if (at) handlesAfter(fields, { moved: [name, third(x), third(y)] });
      }
    }
    handlesAfter({}, { whole: true });
    session.rehearse(demo);
    session.tidy(); // while its objects are alive
    session.forget(demo);
  });
  try {
    session.draw("none", pyodide.toPy({}), 330, 1, "light"); // the traceback calls functions, too
  } catch (error) {
    if (!String(error).includes("demos.none")) throw error;
  }
  session.destroy();
}

/**
 * For each module, a byte per function: whether it ran while Python drew all states.
 * @returns {Promise<Uint8Array[]>}
 */
async function functionsThatRun() {
  const modules = whole.map((module) => new WebAssembly.Module(noting(module)));
  /** @type {Uint8Array[]} */
  const notes = [];
  const { instantiate, Instance } = WebAssembly;
  /**
   * Takes the added memory out of the exports: Emscripten expects none.
   * @param {WebAssembly.Module} module @param {WebAssembly.Instance} instance
   */
  const noted = (module, instance) => {
    const which = modules.indexOf(module);
    if (which < 0) return instance; // one that Pyodide makes
    const { [NOTES]: memory, ...exports } = instance.exports;
    notes[which] = new Uint8Array(/** @type {WebAssembly.Memory} */ (memory).buffer);
    return { exports };
  };
  Object.assign(WebAssembly, {
    instantiate: async (/** @type {any} */ module, /** @type {any} */ imports) =>
      noted(module, /** @type {any} */ (await instantiate(module, imports))),
    Instance: function (/** @type {any} */ module, /** @type {any} */ imports) {
      return noted(module, new Instance(module, imports));
    },
  });
  const pyodide = await python(modules);
  Object.assign(WebAssembly, { instantiate, Instance });
  drawAll(pyodide, states);
  return notes;
}

const notes = await functionsThatRun();
whole.forEach((module, which) => markCallees(module, notes[which]));
/** @type {Uint8Array[]} */
const cold = [];
const hot = whole.map((module, which) => {
  let index = 0;
  return withCode(module, (start, body, end) => {
    const keep = notes[which][index] || end - body < SMALL;
    index += 1;
    // A function that is a trap itself counts as cold, because `merge` can't distinguish them.
    if (keep && !TRAP.every((byte, i) => module[body + i] === byte)) return [module.subarray(start, end)];
    cold.push(module.subarray(start, end));
    return [Uint8Array.from([TRAP.length, ...TRAP])];
  });
});
const rest = joined(cold);
merge(hot, rest).forEach((merged, i) => {
  if (Buffer.compare(merged, whole[i])) throw new Error(`${names[i]} can't be put together again`);
});
const some = Object.keys(states).filter((_, i) => i % 8 === 0);
drawAll(
  await python(hot.map((module) => new WebAssembly.Module(module))),
  Object.fromEntries(some.map((demo) => [demo, [{}]])),
);
fs.mkdirSync(out, { recursive: true });
hot.forEach((module, i) => fs.writeFileSync(path.join(out, names[i]), module));
fs.writeFileSync(path.join(out, "cold.bin"), zlib.zstdCompressSync(rest, { params: COMPRESSION }));
say(`${cold.length} functions are cold`);
