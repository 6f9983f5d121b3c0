/**
 * Creates the snapshot of Python's memory from which the reader's browser starts (see docs/fast-start.md). snapshot.py runs it.
 *
 *     node bundle/snapshot.mjs RUNTIME SITE OUT DEMO=WIDTH…
 *
 * RUNTIME  folder with Pyodide's files
 * SITE     folder with the packages, as they lie in Python's file system; no *.dist-info
 * OUT      gets record.json, snapshot.bin (compressed), one .wasm for each library in use, and DEMO.scene (compressed) for each
 *          figure named, WIDTH CSS pixels wide
 *
 * Needs Node 24: with a Node that lacks WebAssembly GC the function table is not the browsers'. The same input gives the
 * same bytes: time, random numbers and the order of files are fixed.
 */
import crypto from "node:crypto";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { pathToFileURL } from "node:url";
import zlib from "node:zlib";
import { BLOCK, PAGE, VERSION, checksum, relative, restore } from "../site/scripts/python/restore.js";
import { COMPRESSION, freeze, say } from "./reproducible.mjs";

/** The folder of the packages. Not site-packages: Pyodide refuses to snapshot packages that it has loaded itself. */
const ROOT = "/course/lib";
const TOOLS = "/course/tools";
/** Where a handle of a library has the address and the size of its file, in words. */
const FILE_DATA = 7;
/** Imported by matplotlib, but not needed for drawing: see trim.py. */
const DEFERRED = ["PIL", "mpl_toolkits", "pyparsing.testing"];
const [runtime, site, out] = process.argv.slice(2, 5).map((name) => path.resolve(name));
const wanted = process.argv.slice(5).map((pair) => pair.split("="));

/** @param {string} folder @returns {string[]} every file under it, in a fixed order */
function files(folder) {
  const names = /** @type {string[]} */ (fs.readdirSync(folder, { recursive: true }));
  return names.filter((name) => fs.statSync(path.join(folder, name)).isFile()).sort();
}

/** Python modules for this script only. @type {[string, Uint8Array][]} */
const tools = [[`${TOOLS}/trim.py`, fs.readFileSync(new URL("./trim.py", import.meta.url))]];
const modules = {
  loader: await import(pathToFileURL(path.join(runtime, "pyodide.mjs")).href),
  asm: await import(pathToFileURL(path.join(runtime, "pyodide.asm.mjs")).href),
};

/** The options of every start of Python. No hash randomization: the order of sets would differ between builds. */
const common = {
  indexURL: runtime,
  env: {
    HOME: "/home/pyodide",
    MPLBACKEND: "agg",
    PYTHONPATH: `${ROOT}:${TOOLS}`,
    PYTHONHASHSEED: "0",
    PYTHONNODEBUGRANGES: "1",
  },
};

/** @param {any} FS @param {Iterable<[string, Uint8Array]>} content */
function write(FS, content) {
  for (const [name, bytes] of content) {
    FS.mkdirTree(path.posix.dirname(name));
    FS.writeFile(name, bytes);
  }
}

/**
 * Compiles the packages and the standard library without docstrings, in a separate Python, because compiling fragments the heap.
 * @param {Map<string, Uint8Array>} sources
 * @returns {Promise<{compiled: Map<string, Uint8Array>, library: Uint8Array}>}
 */
async function trim(sources) {
  const python = await modules.loader.loadPyodide({
    ...common,
    fsInit: (/** @type {any} */ FS) => write(FS, [...sources, ...tools]),
  });
  const trimmer = python.pyimport("trim");
  trimmer.trim_tree(ROOT, python.toPy(["stage", "demos"]));
  trimmer.trim_zip("/lib/python314.zip", "/tmp/library.zip");
  const compiled = new Map();
  const collect = (/** @type {string} */ folder) => {
    for (const name of python.FS.readdir(folder).sort()) {
      const full = `${folder}/${name}`;
      if (name === "." || name === "..") continue;
      if (python.FS.isDir(python.FS.stat(full).mode)) collect(full);
      else if (name.endsWith(".pyc")) compiled.set(full, python.FS.readFile(full));
    }
  };
  collect(ROOT);
  return { compiled, library: python.FS.readFile("/tmp/library.zip") };
}

/**
 * Zeroes the unused heap and stack, because zeros compress well: allocates every free block, clears it, and frees all of them.
 * (Pyodide's Python uses malloc directly, without an allocator of its own.) Freeing the blocks reverses their order
 * in malloc's lists, so it is done twice: a second time gives the same memory again.
 * @param {any} M @param {number} top   where the heap ended before it was cleared for the first time, which extends it
 */
function clearFree(M, top) {
  for (let time = 0; time < 2; time += 1) clearFreeOnce(M, top);
  M.HEAPU8.fill(0, M._emscripten_stack_get_end(), M._emscripten_stack_get_current());
}

/** @param {any} M @param {number} top */
function clearFreeOnce(M, top) {
  /** @type {number[]} */
  const held = [];
  for (let size = 1 << 22; size >= 12; size = size > 64 ? size >> 1 : size - 4) {
    let block;
    do {
      block = M._malloc(size);
      if (!block) throw new Error(`no memory for ${size} bytes`);
      M.HEAPU8.fill(0, block, block + size);
      held.push(block);
    } while (block + size <= top);
  }
  for (const block of held) M._free(block);
}

/**
 * Frees the files of the libraries, which Emscripten keeps in the memory after it has loaded them
 * (`file_data` in system/lib/libc/dynlink.c), as other threads would need them.
 * @param {any} M
 */
function freeLibraryFiles(M) {
  for (const handle of Object.keys(M.LDSO.loadedLibsByHandle).map(Number)) {
    const field = (handle >> 2) + FILE_DATA;
    const [data, size] = M.HEAPU32.subarray(field, field + 2);
    if (!handle || !data) continue;
    if (String.fromCharCode(...M.HEAPU8.subarray(data, data + 4)) !== "\0asm")
      throw new Error(`${size} bytes at ${data} are not the file of a library`);
    M._free(data);
    M.HEAPU32.fill(0, field, field + 2);
  }
}

/**
 * Describes the state outside of the memory: libraries, function table, global offsets.
 * @param {any} M @param {number} tableStart
 */
function describe(M, tableStart) {
  const main = M.LDSO.loadedLibsByName.__main__.exports;
  /** @type {Map<Function, [number, string]>} */
  const owner = new Map();
  const own = (/** @type {any} */ exported, /** @type {number} */ library) => {
    for (const [name, value] of Object.entries(exported)) {
      if (typeof value === "function" && !owner.has(value)) owner.set(value, [library, name]);
    }
  };
  /** @type {import("../site/scripts/python/restore.js").Library[]} */
  const libraries = [];
  for (const [name, dso] of /** @type {[string, any][]} */ (Object.entries(M.LDSO.loadedLibsByName))) {
    if (name === "__main__") continue;
    const foreign = Object.keys(dso.exports).find(
      (key) => key.startsWith("__em_js__") || key === "__start_em_asm",
    );
    if (foreign) throw new Error(`${name} carries JavaScript (${foreign}), which is not restored`);
    const handles = Object.entries(M.LDSO.loadedLibsByHandle)
      .filter(([handle, other]) => other === dso && handle !== "0")
      .map(([handle]) => Number(handle));
    const struct = handles.find((handle) => M.HEAPU8[handle + 8]);
    if (struct === undefined) throw new Error(`${name} has no handle with an address`);
    const [memoryBase, memorySize, tableBase, tableSize] = M.HEAPU32.subarray(
      (struct >> 2) + 3,
      (struct >> 2) + 7,
    );
    own(dso.exports, libraries.length);
    libraries.push({
      name,
      file: `${path.posix.relative(ROOT, name).split(".")[0].replaceAll("/", ".")}.wasm`,
      handles,
      memoryBase,
      memorySize,
      tableBase,
      tableSize,
      global: dso.global,
      refcount: dso.refcount === Infinity ? -1 : dso.refcount,
    });
  }
  own(main, -1);

  const inside = (/** @type {number} */ slot) =>
    libraries.some(({ tableBase, tableSize }) => slot >= tableBase && slot < tableBase + tableSize);
  /** @type {[number, number, string][]} */
  const table = [];
  for (let slot = tableStart; slot < M.wasmTable.length; slot += 1) {
    if (inside(slot)) continue;
    const found = owner.get(M.wasmTable.get(slot));
    if (!found) throw new Error(`slot ${slot} of the function table belongs to no export of any library`);
    table.push([slot, ...found]);
  }
  const got = /** @type {[string, any][]} */ (Object.entries(M.GOT));
  const field = M.__PyRuntime + M.HEAP32[M.__PyEM_EMSCRIPTEN_TRAMPOLINE_OFFSET >> 2];
  const slot = M.HEAP32[field >> 2];
  if (slot !== tableStart - 1)
    throw new Error(`the call trampoline is in slot ${slot}, not in the last, ${tableStart - 1}`);
  return {
    tableStart,
    tableLength: M.wasmTable.length,
    trampoline: { slot, field },
    libraries,
    table,
    got: Object.fromEntries(got.map(([name, { value }]) => [name, value])),
    required: got.filter(([, { value, required }]) => value === -1 && required).map(([name]) => name),
  };
}

/** Starts Python, warms it up, and saves its memory. @param {Map<string, Uint8Array>} content @param {string} library path of the trimmed standard library */
async function take(content, library) {
  let tableStart = 0;
  const python = await modules.loader.loadPyodide({
    ...common,
    _makeSnapshot: true,
    stdLibURL: library,
    fsInit: (/** @type {any} */ FS) => write(FS, [...content, ...tools]),
    createPyodideModule: (/** @type {any} */ settings) => {
      settings.preRun.push((/** @type {any} */ M) => (tableStart = M.wasmTable.length));
      return modules.asm.default(settings);
    },
  });
  const M = python._module;
  const trimmer = python.pyimport("trim");
  trimmer.defer(python.toPy(DEFERRED));
  const stage = python.pyimport("stage.warm");
  freeLibraryFiles(M); // now, so that drawing can use this memory
  say(`${stage.warm()} demos drawn`);
  freeLibraryFiles(M);
  trimmer.settle();
  trimmer.destroy();

  // The files that drawing opens after all imports must exist after a restore, too.
  /** @type {Set<string>} */
  const opened = new Set();
  const { open } = M.FS;
  M.FS.open = (/** @type {any} */ name, /** @type {any[]} */ ...rest) => {
    if (typeof name === "string") opened.add(name);
    return open.call(M.FS, name, ...rest);
  };
  stage.again();
  M.FS.open = open;
  stage.destroy();
  const needed = [...opened].filter((name) => content.has(name)).sort();
  say(`files opened while drawing: ${[...opened].join(", ")}`);

  const top = M._sbrk(0);
  /** Everything that a restore needs. */
  const save = () => {
    clearFree(M, top);
    const saved = python.makeMemorySnapshot();
    const [, offset, size] = new Uint32Array(saved.buffer);
    const references = JSON.parse(new TextDecoder().decode(saved.subarray(48, 48 + size)));
    return { memory: saved.slice(offset), record: { ...describe(M, tableStart), references } };
  };
  const { memory, record } = save();
  const scenes = wanted.map(([demo, width]) => {
    const stage = python.pyimport("stage.warm");
    stage.prepare(demo, Number(width));
    stage.destroy();
    const after = save();
    if (JSON.stringify(after.record) !== JSON.stringify(record))
      throw new Error(`the scene of ${demo} changes more than the memory`);
    M.HEAPU8.fill(0);
    M.HEAPU8.set(memory);
    return { demo, bytes: scene(after.memory, memory) };
  });
  return {
    memory,
    buildId: python._api.config.BUILD_ID,
    version: python.version,
    record,
    needed,
    scenes,
  };
}

/**
 * What the scene of a figure changes in the memory: see `addScene` in restore.js.
 * @param {Uint8Array} memory @param {Uint8Array} before
 */
function scene(memory, before) {
  const words = new Int32Array(memory.buffer);
  const old = new Int32Array(words.length);
  old.set(new Int32Array(before.buffer));
  /** @type {number[]} */
  const distances = [];
  /** @type {number[]} */
  const blocks = [];
  let last = 0;
  for (let at = 0; at < words.length; at += BLOCK) {
    const end = at + BLOCK;
    let same = at;
    while (same < end && words[same] === old[same]) same += 1;
    if (same === end) continue;
    distances.push(at / BLOCK - last);
    last = at / BLOCK;
    for (let i = at; i < end; i += 1) blocks.push(relative(words[i] ^ old[i], i * 4));
  }
  return Buffer.from(
    new Int32Array([memory.length, checksum(words), distances.length, ...distances, ...blocks]).buffer,
  );
}

/**
 * The memory pages that differ from the initial memory of the modules.
 * @param {Uint8Array} memory @param {Uint8Array} baseline
 */
function compare(memory, baseline) {
  const delta = new Uint32Array(memory.slice().buffer);
  const words = new Uint32Array(baseline.slice().buffer);
  for (let i = 0; i < delta.length; i += 1) delta[i] ^= words[i];
  /** @type {number[]} */
  const runs = [0];
  const pages = [];
  for (let page = 0; page < memory.length / PAGE; page += 1) {
    const part = delta.subarray((page * PAGE) / 4, ((page + 1) * PAGE) / 4);
    const changed = part.some(Boolean);
    if (changed !== (runs.length % 2 === 0)) runs.push(0);
    runs[runs.length - 1] += 1;
    if (!changed) continue;
    part.forEach((word, i) => (part[i] = relative(word, page * PAGE + i * 4)));
    pages.push(Buffer.from(part.buffer, part.byteOffset, part.byteLength));
  }
  return { runs, delta: Buffer.concat(pages) };
}

freeze();
const sources = new Map(
  files(site).map((name) => [`${ROOT}/${name}`, new Uint8Array(fs.readFileSync(path.join(site, name)))]),
);
say(`${sources.size} files`);
const scratch = fs.mkdtempSync(path.join(os.tmpdir(), "snapshot-"));
try {
  const { compiled, library } = await trim(sources);
  fs.writeFileSync(path.join(scratch, "library.zip"), library);
  fs.writeFileSync(path.join(scratch, "none.zip"), "");
  say(`${compiled.size} sources compiled`);
  // Deferred packages are left out, as in the reader's browser: if drawing needed them, the build would fail here.
  const absent = DEFERRED.map((name) => `${ROOT}/${name.replaceAll(".", "/")}`);
  const content = new Map(
    [...sources, ...compiled].filter(
      ([name]) => !absent.some((start) => name.startsWith(`${start}/`) || name.startsWith(`${start}.`)),
    ),
  );
  const {
    memory,
    buildId,
    version,
    needed,
    scenes,
    record: described,
  } = await take(content, path.join(scratch, "library.zip"));

  /** @type {import("../site/scripts/python/restore.js").SnapshotRecord} */
  const record = {
    version: VERSION,
    id: "",
    pyodide: version,
    buildId,
    root: ROOT,
    ...described,
    memory: {
      length: memory.length,
      base: 16 << 20,
      runs: [],
      bytes: 0,
      sum: checksum(new Int32Array(memory.buffer)),
    },
    files: needed.map((name) => ({ path: name, size: content.get(name)?.length ?? 0 })),
    filesSum: 0,
  };
  const padded = needed.map((name) => {
    const bytes = /** @type {Uint8Array} */ (content.get(name));
    return Buffer.concat([bytes], Math.ceil(bytes.length / 4) * 4);
  });
  record.filesSum = checksum(new Int32Array(new Uint8Array(Buffer.concat(padded)).buffer));

  // Restore immediately, with the browser's code: this gives the baseline, and proves that the result works.
  /** @type {(bytes: ArrayBuffer) => void} */
  let deliver = () => {};
  const main = new WebAssembly.Module(fs.readFileSync(path.join(runtime, "pyodide.asm.wasm")));
  const restored = await restore({
    record,
    snapshot: new Promise((resolve) => (deliver = resolve)),
    main,
    modules: record.libraries.map(
      ({ name }) => new WebAssembly.Module(/** @type {any} */ (sources.get(name))),
    ),
    loadPyodide: modules.loader.loadPyodide,
    version: modules.loader.version,
    createPyodideModule: modules.asm.default,
    options: { indexURL: runtime, stdLibURL: path.join(scratch, "none.zip") },
    onBaseline: (baseline) => {
      const { runs, delta } = compare(memory, baseline);
      record.memory.runs = runs;
      record.memory.bytes = delta.length;
      const payload = Buffer.concat([delta, ...padded]);
      record.id = crypto.createHash("sha256").update(payload).digest("hex").slice(0, 16);
      fs.mkdirSync(out, { recursive: true });
      const packed = zlib.zstdCompressSync(payload, { params: COMPRESSION });
      for (const { demo, bytes } of scenes)
        fs.writeFileSync(
          path.join(out, `${demo}.scene`),
          zlib.zstdCompressSync(bytes, { params: COMPRESSION }),
        );
      fs.writeFileSync(path.join(out, "snapshot.bin"), packed);
      fs.writeFileSync(path.join(out, "record.json"), JSON.stringify(record));
      deliver(new Uint8Array(zlib.zstdDecompressSync(packed)).buffer);
    },
  });
  const stage = restored.pyimport("stage.warm");
  say(`${stage.again()} demos drawn after a restore`);
  for (const { name, file } of record.libraries)
    fs.writeFileSync(path.join(out, file), /** @type {any} */ (sources.get(name)));
  say(`${record.libraries.length} libraries, ${record.table.length} table slots`);
} finally {
  fs.rmSync(scratch, { recursive: true });
}
