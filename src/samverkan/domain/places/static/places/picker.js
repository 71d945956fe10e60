// Pointing at the small map fills the form's coordinates. Without scripts they are written, or a named place is chosen.

import { smallMap } from "./small-map.js";

for (const box of document.querySelectorAll("[data-picker]")) {
  const form = box.closest("form");
  const field = (name) => form.elements.namedItem(name);
  const said = form.querySelector("[data-picker-said]");
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

  smallMap(box, () => field("x").value, point);
}
