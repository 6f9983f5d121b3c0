/**
 * A figure as a Jupyter notebook, nbformat 4.5, for code-panel.js. A pure function. The cells need
 * the course's Python package.
 *
 * @typedef {object} Facts
 * @property {string} name   of the figure
 * @property {string} lesson   "lesson 11, Distributions and the normal"; "" if it is in none
 * @property {string} wheel   the file of the package
 * @property {string} [address]   the URL of the figure, if others can open it
 * @property {string} [downloads]   the URL of the page with the package
 * @property {string} original   the figure's code
 * @property {string} [mine]   the reader's version
 * @property {string} [values]   of the controls, as arguments: "mean=1, sd=0.5"
 * @property {boolean} [changed]   whether the values are for the reader's version
 */

const TITLE = /^"""(.+?)(?:"""|\n|$)/;

/** @param {string} text @returns {string[]} its lines, as in a notebook */
const lines = (text) => text.trimEnd().split(/(?<=\n)/);

/** @param {string} id @param {string} text */
const words = (id, text) => ({ cell_type: "markdown", id, metadata: {}, source: lines(text) });

/** @param {string} id @param {string} text */
const code = (id, text) => ({
  cell_type: "code",
  execution_count: null,
  id,
  metadata: {},
  outputs: [],
  source: lines(text),
});

/** @param {string} [values] */
const shown = (values = "") => `from panels import show\n\nshow(demo${values && `, ${values}`})`;

/** @param {Facts} facts @returns {string} */
export function notebook({ name, lesson, wheel, address, downloads, original, mine, values, changed }) {
  const title = TITLE.exec(original)?.[1] ?? name;
  const figure = address ? `[\`${name}\`](${address})` : `\`${name}\``;
  const from = downloads ? `the course’s [Download](${downloads}) page` : "the course’s Download page";
  const about = `# ${title}

This is the figure ${figure} of *Math for Machine Learning*${lesson && `, ${lesson}`}.

To run it, you need the course’s Python package. Get \`${wheel}\` from ${from}, put it in the folder of this notebook, and run this in a cell:

    %pip install ./${wheel} ipywidgets

Then run the cells below. The first one has the figure’s code, the second one shows the figure with its controls.`;
  const own =
    mine === undefined
      ? []
      : [
          words("your-version", "## Your version\n\nThis is the code as you changed it."),
          code("your-code", mine),
          code("your-figure", shown(changed ? values : "")),
        ];
  return JSON.stringify(
    {
      cells: [
        words("about", about),
        code("code", original),
        code("figure", shown(changed ? "" : values)),
        ...own,
      ],
      metadata: {
        kernelspec: { display_name: "Python 3", language: "python", name: "python3" },
        language_info: { name: "python" },
      },
      nbformat: 4,
      nbformat_minor: 5,
    },
    null,
    1,
  );
}
