/**
 * Has Python draw a picture, and takes its pixels out of Python's memory. worker.js calls it for the
 * page, and bundle/hot-functions.mjs in the build.
 *
 * @param {any} pyodide
 * @param {any} session   `stage.session`, or a module like it
 * @param {import("./python.js").DrawRequest & {spare?: ArrayBuffer}} request   `spare` is memory for
 *   the pixels
 */
export function draw(pyodide, session, { demo, fields, width, ratio, theme, whole, moved, spare }) {
  const [given, place] = [pyodide.toPy(fields), moved && pyodide.toPy(moved)];
  const picture = session.draw(demo, given, width, ratio, theme, whole, place);
  const { pixels } = picture;
  const buffer = pixels.getBuffer("u8clamped");
  try {
    const { data } = buffer;
    const room =
      spare && spare.byteLength >= data.length ? spare : new ArrayBuffer(4 * picture.across * picture.down);
    const copy = new Uint8ClampedArray(room, 0, data.length);
    copy.set(data);
    return {
      ...JSON.parse(picture.for_page()),
      frame: { width: picture.across, height: picture.down },
      rect: { x: picture.x, y: picture.y, width: picture.width, height: picture.height },
      pixels: copy,
    };
  } finally {
    buffer.release();
    for (const proxy of [given, place, pixels, picture]) proxy?.destroy();
  }
}
