// The small map in a form: it comes closer, and tells which metres were pointed at.

// `marked()` says whether the form holds a point; `pointed(x, y, metres)` gets a point and how sure a finger is there.
export function smallMap(box, marked, pointed) {
  let span = 1200;

  const draw = async (query) => {
    const answer = await fetch(`${box.dataset.url}?${new URLSearchParams({ ...query, span })}`, { credentials: "same-origin" });
    if (!answer.ok) return;
    box.innerHTML = await answer.text();
    enliven();
  };

  const enliven = () => {
    box.classList.add("is-live");
    const map = box.querySelector(".small-map");
    if (!map) return;
    const { left, top, scale, x, y } = Object.fromEntries(["left", "top", "scale", "x", "y"].map((n) => [n, Number(map.dataset[n])]));
    for (const button of box.querySelectorAll("[data-span]")) {
      button.hidden = false;
      button.addEventListener("click", () => { span = Number(button.dataset.span); draw({ x, y, mark: marked() ? "1" : "0" }); });
    }
    const svg = map.querySelector("svg");
    svg?.addEventListener("click", (event) => {
      const frame = svg.getBoundingClientRect();
      const ratio = (svg.viewBox.baseVal.width || frame.width) / frame.width;
      const px = left + ((event.clientX - frame.left) * ratio) / scale;
      const py = top - ((event.clientY - frame.top) * ratio) / scale;
      pointed(px, py, Math.round(12 * ratio / scale));
      span = Math.min(span, 1200);
      draw({ x: px.toFixed(1), y: py.toFixed(1) });
    });
  };
  enliven();
  return draw;
}
