/**
 * The editor of "See the Python", and its styles: what the build makes into one module, scripts/editor.js (bundle/carrier.mjs),
 * which comes when a reader opens the code for the first time.
 */

import layout from "prism-code-editor/layout.css";
import panel from "./panel.css";
import "prism-code-editor/prism/languages/python";
import "prism-code-editor/languages/python";

export { createEditor } from "prism-code-editor";
export { defaultKeymap, editHistory, editorCommands, setIgnoreTab } from "prism-code-editor/commands";

/** The document of the sandbox's frame (sandbox.js). */
export { default as frame } from "./frame.html";

export const styles = layout + panel;
