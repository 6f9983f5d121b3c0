/**
 * The editor of the code panel, with its styles. The build bundles it into one module,
 * scripts/editor.js (bundle/bundler.mjs), which the panel loads.
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
