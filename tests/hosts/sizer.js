// Like iframe-resizer's parent (with checkOrigin: false, which a sandboxed frame needs): it sends the first message.
// The answer has to begin with the id from that message, and the first one has to be of the type "init".
document.addEventListener(
  "load",
  ({ target }) => {
    if (!(target instanceof HTMLIFrameElement) || target.dataset.host !== "sizer") return;
    target.dataset.asked = "";
    const first = `[iFrameSizer]${target.id}:8:false:false:32:true:true:null:auto:null:null:0:false:child:auto:true:0:0:true`;
    target.contentWindow.postMessage(first, "*");
  },
  { capture: true },
);
addEventListener("message", ({ source, data }) => {
  const frame = [...document.querySelectorAll("iframe[data-host=sizer]")].find(
    ({ contentWindow }) => contentWindow === source,
  );
  if (!frame || typeof data !== "string" || !data.startsWith("[iFrameSizer]")) return;
  const [id, height, width, type] = data.slice("[iFrameSizer]".length).split(":");
  frame.dataset.heard = `${frame.dataset.heard ?? ""} ${type}`.trim();
  if (!("asked" in frame.dataset)) throw new Error("the frame spoke before it was asked");
  if (id !== frame.id || !Number(height) || !Number(width) || !type)
    throw new Error(`iframe-resizer does not understand ${data}`);
  frame.style.height = `${height}px`;
});
