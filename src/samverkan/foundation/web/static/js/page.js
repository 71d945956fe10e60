// What makes a page easier when scripts run. Every page works without.

document.documentElement.classList.add("js");

// The menu: a link to the rail becomes a button that opens and closes it.
for (const link of document.querySelectorAll("[data-toggles]")) {
  const target = document.getElementById(link.dataset.toggles);
  if (!target) { link.hidden = true; continue; }
  link.setAttribute("role", "button");
  link.setAttribute("aria-controls", target.id);
  const show = (open) => {
    target.classList.toggle("is-open", open);
    link.setAttribute("aria-expanded", String(open));
  };
  show(false);
  const toggle = (event) => {
    event.preventDefault();
    show(!target.classList.contains("is-open"));
  };
  link.addEventListener("click", toggle);
  link.addEventListener("keydown", (event) => { if (event.key === " ") toggle(event); });
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && target.classList.contains("is-open")) { show(false); link.focus(); }
  });
}

// Menus and filters close with Escape, and when one goes elsewhere.
document.addEventListener("click", (event) => {
  for (const open of document.querySelectorAll("details[data-closes][open]")) {
    if (!open.contains(event.target)) open.open = false;
  }
});
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  const open = document.activeElement?.closest("details[data-closes][open]");
  if (open) { open.open = false; open.querySelector("summary").focus(); }
});

// Filters are applied at once: one choice when it is made, several when their list is closed.
for (const form of document.querySelectorAll("form.chips")) {
  for (const chip of form.querySelectorAll("details.chip")) {
    let changed = false;
    chip.addEventListener("change", (event) => {
      changed = true;
      if (event.target.type !== "checkbox") form.requestSubmit();
    });
    chip.addEventListener("toggle", () => { if (!chip.open && changed) form.requestSubmit(); });
  }
}

// Boxes that belong to one value of a choice are hidden while another is chosen; what is ticked stays to be seen.
for (const box of document.querySelectorAll("[data-of]")) {
  const choice = box.form?.elements[box.dataset.by];
  const show = () => { box.closest("label").hidden = Boolean(choice.value) && choice.value !== box.dataset.of && !box.checked; };
  choice?.addEventListener("change", show);
  if (choice) show();
}

// Errors: to the summary first.
document.querySelector("[data-focus]")?.focus();

// Ctrl K: to the search.
document.addEventListener("keydown", (event) => {
  if (!(event.ctrlKey || event.metaKey) || event.key.toLowerCase() !== "k") return;
  const field = document.querySelector('[data-shortcut="k"]');
  if (field && field.offsetParent) { event.preventDefault(); field.focus(); field.select(); }
});

// Buttons that copy an address say so in their own words.
for (const button of document.querySelectorAll("[data-copy]")) {
  button.hidden = !navigator.clipboard;
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(new URL(button.dataset.copy || location.href, location.href).href);
    const before = button.textContent;
    button.textContent = button.dataset.done;
    button.setAttribute("aria-live", "polite");
    setTimeout(() => { button.textContent = before; }, 4000);
  });
}

// A calendar beside a field for a date: the browser's own.
if ("showPicker" in HTMLInputElement.prototype) {
  for (const field of document.querySelectorAll("input[data-picks]")) {
    const calendar = Object.assign(document.createElement("input"), { type: "date", tabIndex: -1, className: "calendar" });
    calendar.setAttribute("aria-hidden", "true");
    const button = Object.assign(document.createElement("button"), { type: "button", className: "ds-button" });
    button.dataset.variant = "secondary";
    button.textContent = field.dataset.picks;
    const row = Object.assign(document.createElement("span"), { className: "picks" });
    field.replaceWith(row);
    row.append(field, button, calendar);
    button.addEventListener("click", () => {
      calendar.value = /^\d{4}-\d\d-\d\d$/.test(field.value) ? field.value : "";
      calendar.showPicker();
    });
    calendar.addEventListener("change", () => {
      field.value = calendar.value;
      field.dispatchEvent(new Event("input", { bubbles: true }));
      field.dispatchEvent(new Event("change", { bubbles: true }));
      field.focus();
    });
  }
}

// Buttons that print.
for (const button of document.querySelectorAll("[data-print]")) {
  button.hidden = false;
  button.addEventListener("click", () => print());
}

// Passwords can be shown.
for (const button of document.querySelectorAll("[data-shows]")) {
  const field = document.getElementById(button.dataset.shows);
  if (!field) continue;
  button.hidden = false;
  button.addEventListener("click", () => {
    const hidden = field.type === "password";
    field.type = hidden ? "text" : "password";
    button.setAttribute("aria-pressed", String(hidden));
  });
}

// What only scripts can do is offered only where they run.
for (const part of document.querySelectorAll("[data-needs-scripts]")) part.hidden = !window.PublicKeyCredential;
document.addEventListener("allauth.error", (event) => {
  event.preventDefault();
  for (const words of document.querySelectorAll("[data-passkey-problem]")) words.hidden = false;
});

// Maps come alive where the browser can draw them; otherwise the server's drawing stays.
const maps = document.querySelectorAll("[data-map]");
if (maps.length) {
  import("./map.js").then((module) => maps.forEach(module.enliven)).catch(() => {});
}
