/**
 * Runs Python beside the page. It touches no network: what it needs, the page fetches and hands over.
 *
 * From the page: {id, call: "start" | "draw", …}   answered by {id, value} or {id, error: {name, message, detail}}
 *                {file, value}                     a file, pushed ahead or asked for; value null: not to be had
 * To the page:   {want}                            the address of a file that Python asks for
 */

/** @typedef {{loadPyodide: Function, createPyodideModule: Function}} Runtime */

const INDEX = "file:///python/"; // fictitious: every request is answered by the page

/** @type {any} */
let session;
/** @type {any} */
let pyodide;

/** @type {Map<string, {promise: Promise<any>, resolve: (value: any) => void}>} */
const files = new Map();

/** @param {string} name @returns {{promise: Promise<any>, resolve: (value: any) => void}} */
function slot(name) {
  let found = files.get(name);
  if (!found) {
    let resolve = (/** @type {any} */ _) => {};
    const promise = new Promise((done) => (resolve = done));
    found = { promise, resolve };
    files.set(name, found);
  }
  return found;
}

/** A file by its name, once it has come; each is handed out once. @param {string} name */
async function file(name) {
  const value = await slot(name).promise;
  files.delete(name);
  return value;
}

globalThis.fetch = async (resource) => {
  const url = String(resource instanceof Request ? resource.url : resource);
  const name = url.startsWith(INDEX) ? url.slice(INDEX.length) : url;
  if (!expected.has(name)) self.postMessage({ want: name });
  const value = await file(name);
  if (value === null) return new Response(null, { status: 404, statusText: "Not Found" });
  const type = name.endsWith(".wasm") ? "application/wasm" : "application/octet-stream";
  return new Response(value, { headers: { "content-type": type } });
};

/** Names of the files that the page pushes without being asked. @type {Set<string>} */
let expected = new Set();

/**
 * The ordinary start: unpack the runtime and the wheels, install the course's own wheel.
 * @param {{scripts: {pyodide: string, asm: string}, pushed: string[], packages: string[], course: string}} plan
 */
async function startOrdinary({ scripts, pushed, packages, course }) {
  expected = new Set(pushed);
  const [{ loadPyodide }, { default: createPyodideModule }] = await Promise.all([
    import(scripts.pyodide),
    import(scripts.asm),
  ]);
  pyodide = await loadPyodide({
    indexURL: INDEX,
    packageBaseUrl: INDEX,
    createPyodideModule,
    env: { HOME: "/home/pyodide", MPLBACKEND: "agg" },
  });
  await pyodide.loadPackage(packages, { messageCallback: () => {} });
  // loadPackage() does not reject: what is missing has to be looked for.
  const loaded = new Set(Object.keys(pyodide.loadedPackages).map((name) => name.toLowerCase()));
  const missing = packages.filter((name) => !loaded.has(name));
  if (missing.length) throw new Error(`packages did not load: ${missing.join(", ")}`);
  pyodide.FS.writeFile(`/tmp/${course}`, new Uint8Array(await file(course)));
  const micropip = pyodide.pyimport("micropip");
  await micropip.install.callKwargs(`emfs:/tmp/${course}`, { deps: false });
  session = pyodide.pyimport("stage.session");
}

/** @param {{demo: string, fields: Record<string, string[]>, width: number, ratio: number, theme: string, whole: boolean}} request */
function draw({ demo, fields, width, ratio, theme, whole }) {
  const given = pyodide.toPy(fields);
  const picture = session.draw(demo, given, width, ratio, theme, whole);
  const pixels = picture.pixels;
  const buffer = pixels.getBuffer("u8clamped");
  const handles = picture.handles;
  try {
    return {
      caption: picture.caption,
      frame: { width: picture.across, height: picture.down },
      rect: { x: picture.x, y: picture.y, width: picture.width, height: picture.height },
      pixels: buffer.data.slice().buffer,
      handles: handles?.toJs({ dict_converter: Object.fromEntries }) ?? null,
    };
  } finally {
    buffer.release();
    for (const proxy of [given, pixels, handles, picture]) proxy?.destroy();
  }
}

self.onmessage = async ({ data }) => {
  if ("file" in data) {
    slot(data.file).resolve(data.value);
    return;
  }
  const { id, call } = data;
  try {
    const value = call === "draw" ? draw(data) : await startOrdinary(data);
    self.postMessage({ id, value }, { transfer: value?.pixels ? [value.pixels] : [] });
  } catch (error) {
    const { type, name, message, stack } = /** @type {any} */ (error);
    self.postMessage({ id, error: { name: type ?? name, message, detail: stack } });
  }
};
