// Pointing at the small map fills the form's coordinates. Without scripts they are written, or a named place is chosen.

for (const box of document.querySelectorAll("[data-picker]")) {
  const form = box.closest("form");
  const field = (name) => form.elements.namedItem(name);
  const said = form.querySelector("[data-picker-said]");
  let span = 1200;

  const draw = async (query) => {
    const answer = await fetch(`${box.dataset.url}?${new URLSearchParams(query)}`, { credentials: "same-origin" });
    if (!answer.ok) return;
    box.innerHTML = await answer.text();
    enliven();
  };

  const point = (x, y) => {
    field("x").value = Math.round(x);
    field("y").value = Math.round(y);
    // Where the form asks how the place is told, it is told by the point; a choice that keeps a point stays.
    const [name, value] = (box.dataset.chooses ?? "").split(":");
    const without = (box.dataset.instead ?? "").split(" ");
    for (const choice of name ? form.querySelectorAll(`[name="${name}"]`) : []) {
      if (choice.type === "radio") choice.checked = choice.value === value;
      else if (without.includes(choice.value)) choice.value = value;
    }
    said.textContent = box.dataset.marked;
  };

  const enliven = () => {
    box.classList.add("is-live");
    const map = box.querySelector(".small-map");
    if (!map) return;
    const { left, top, scale, x, y } = Object.fromEntries(["left", "top", "scale", "x", "y"].map((n) => [n, Number(map.dataset[n])]));
    for (const button of box.querySelectorAll("[data-span]")) {
      button.hidden = false;
      button.addEventListener("click", () => { span = Number(button.dataset.span); draw({ x, y, span, mark: field("x").value ? "1" : "0" }); });
    }
    const svg = map.querySelector("svg");
    svg?.addEventListener("click", (event) => {
      const frame = svg.getBoundingClientRect();
      const ratio = (svg.viewBox.baseVal.width || frame.width) / frame.width;
      const px = left + ((event.clientX - frame.left) * ratio) / scale;
      const py = top - ((event.clientY - frame.top) * ratio) / scale;
      span = Math.min(span, 1200);
      point(px, py);
      draw({ x: px.toFixed(1), y: py.toFixed(1), span });
    });
  };
  enliven();
}
