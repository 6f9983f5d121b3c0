/**
 * The code editor (prism-code-editor) with its styles, for code-panel.js, and the document of the
 * frame, for sandbox.js. `editor()` in bundle/bundler.py bundles them into one module,
 * scripts/editor.js.
 */

import layout from "prism-code-editor/layout.css";
import panel from "./panel.css";
import "prism-code-editor/prism/languages/python";
import "prism-code-editor/languages/python";

export { createEditor } from "prism-code-editor";
export { defaultKeymap, editHistory, editorCommands, setIgnoreTab } from "prism-code-editor/commands";

/** The document of the frame that runs changed code (sandbox.js). */
export { default as frame } from "./sandbox-frame.html";

export const styles = layout + panel;
