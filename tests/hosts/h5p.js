// Like H5P's resizer: it answers greetings, and a height only counts at the end of the handshake. Answers go to the
// origin of the message; a sandboxed frame has none, so posting throws.
addEventListener("message", ({ source, origin, data }) => {
  if (data?.context !== "h5p") return;
  const frame = [...document.querySelectorAll("iframe[data-host=h5p]")].find(
    ({ contentWindow }) => contentWindow === source,
  );
  if (!frame) return;
  const answer = (action) => source.postMessage({ context: "h5p", action }, origin);
  frame.dataset.heard = `${frame.dataset.heard ?? ""} ${data.action}`.trim();
  if (data.action === "hello") {
    addEventListener("resize", () => answer("resize"));
    answer("hello");
  } else if (data.action === "prepareResize") {
    if (frame.clientHeight === data.scrollHeight && data.scrollHeight === data.clientHeight) return;
    frame.dataset.prepared = `${data.clientHeight}`;
    answer("resizePrepared");
  } else if (data.action === "resize") frame.style.height = `${data.scrollHeight}px`;
});
