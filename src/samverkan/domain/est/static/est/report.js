// The report's page made quicker where scripts run: position, map, hints, and patience without a connection.

import { smallMap } from "../places/small-map.js";

const form = document.querySelector("[data-report-form]");
if (form) {
  const field = (name) => form.elements.namedItem(name);
  const said = form.querySelector("[data-report-said]");
  const box = form.querySelector("[data-report-map]");

  const setPoint = (x, y, accuracy) => {
    field("x").value = x === null ? "" : x.toFixed(1);
    field("y").value = y === null ? "" : y.toFixed(1);
    field("accuracy").value = accuracy ?? "";
    field("lon").value = field("lat").value = "";
  };

  const draw = box ? smallMap(box, () => field("x").value, (x, y, metres) => {
    // A tap on a map of the whole town is only as sure as the finger is wide.
    setPoint(x, y, metres > 25 ? metres : null);
    said.textContent = box.dataset.marked;
  }) : () => {};

  const where = field("where");
  where.addEventListener("input", () => { setPoint(null, null, null); said.textContent = ""; });
  where.addEventListener("change", () => { if (where.value.trim().length > 1) draw({ where: where.value }); });

  const locate = form.querySelector("[data-report-locate]");
  if (locate && navigator.geolocation && window.isSecureContext) {
    locate.hidden = false;
    locate.addEventListener("click", () => {
      navigator.geolocation.getCurrentPosition(({ coords }) => {
        setPoint(null, null, Math.round(coords.accuracy));
        field("lon").value = coords.longitude;
        field("lat").value = coords.latitude;
        where.value = "";
        said.textContent = locate.dataset.found.replace("{metres}", String(Math.round(coords.accuracy)));
        draw({ lon: coords.longitude, lat: coords.latitude });
      }, () => { said.textContent = locate.dataset.missing; }, { enableHighAccuracy: true, timeout: 10000 });
    });
  }

  // Without a connection the report waits on the page. Its number makes that it is stored once, however often it is sent.
  const status = form.querySelector("[data-report-status]");
  let waiting = false;
  const say = (words) => { status.textContent = words; status.hidden = !words; };
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    if (waiting) return;
    waiting = true;
    say(form.dataset.sending);
    try {
      const answer = await fetch(location.href, { method: "POST", body: new FormData(form), credentials: "same-origin" });
      if (answer.redirected) { location.assign(answer.url); return; }
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      document.title = page.title;
      show(page);
      say("");
    } catch {
      say(form.dataset.offline);
      window.addEventListener("online", () => form.requestSubmit(), { once: true });
    }
    waiting = false;
  });

  // Errors are shown in place, so that chosen photos stay chosen.
  const show = (page) => {
    document.querySelector("main .ds-error-summary")?.remove();
    const summary = page.querySelector(".ds-error-summary");
    for (const part of form.querySelectorAll(".field")) {
      part.classList.remove("has-error");
      part.querySelector(".field-error")?.remove();
    }
    for (const wrong of page.querySelectorAll("[data-report-form] .field.has-error")) {
      const control = wrong.querySelector("[name]");
      const mine = control && form.querySelector(`[name="${control.name}"]`)?.closest(".field");
      if (!mine) continue;
      mine.classList.add("has-error");
      const words = wrong.querySelector(".field-error");
      // What to write stands first, and what was wrong with it after, as where the page is loaded whole.
      if (words) (mine.querySelector(".hint") ?? mine.querySelector("label, legend")).after(words);
    }
    if (summary) {
      document.querySelector(".page-head").after(summary);
      summary.focus();
      summary.scrollIntoView();
    } else if (!page.querySelector("[data-report-form]")) {
      document.querySelector("main").replaceWith(page.querySelector("main"));
    }
  };
}
