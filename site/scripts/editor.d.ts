/** The editor, made by the build from see-python/editor.js. */
export { createEditor } from "prism-code-editor";
export { defaultKeymap, editHistory, editorCommands, setIgnoreTab } from "prism-code-editor/commands";
export const styles: string;
export const frame: string;
