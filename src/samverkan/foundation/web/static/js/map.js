// The map that can be moved. The same layers as the server's drawing, from one GeoJSON address.
// Nothing is asked of any other host, unless the installation has set one for a background map. Where WebGL is missing the drawing stays as it is.

const VENDOR = "../vendor/maplibre-gl/6.17.0/";
const MARKS = ["dot", "diamond", "square", "pin"];

function canDraw() {
  try {
    return Boolean(document.createElement("canvas").getContext("webgl2"));
  } catch {
    return false;
  }
}

// The theme's colours as they are now; MapLibre cannot read CSS variables.
function colours() {
  const style = getComputedStyle(document.documentElement);
  return (name) => style.getPropertyValue(name).trim();
}

function hatching(colour) {
  const canvas = document.createElement("canvas");
  canvas.width = canvas.height = 12;
  const pen = canvas.getContext("2d");
  pen.strokeStyle = colour;
  pen.lineWidth = 2;
  pen.beginPath();
  for (const [x1, y1, x2, y2] of [[0, 12, 12, 0], [-2, 2, 2, -2], [10, 14, 14, 10]]) {
    pen.moveTo(x1, y1);
    pen.lineTo(x2, y2);
  }
  pen.stroke();
  return pen.getImageData(0, 0, 12, 12);
}

function sign(kind, fill, edge) {
  const canvas = document.createElement("canvas");
  canvas.width = canvas.height = 32;
  const pen = canvas.getContext("2d");
  pen.translate(16, 16);
  pen.fillStyle = fill;
  pen.strokeStyle = edge;
  pen.lineWidth = 3;
  pen.beginPath();
  if (kind === "diamond") {
    pen.moveTo(0, -12); pen.lineTo(12, 0); pen.lineTo(0, 12); pen.lineTo(-12, 0); pen.closePath();
  } else if (kind === "square") {
    pen.rect(-9, -9, 18, 18);
  } else {
    pen.arc(0, 0, kind === "pin" ? 11 : 9, 0, 7);
  }
  pen.stroke();
  pen.fill();
  return pen.getImageData(0, 0, 32, 32);
}

// What the background map draws itself, and what it lies under.
const GROUND = new Set(["green", "water", "street", "road:edge", "road", "rail"]);

function layers(value, tiles) {
  const of = (layer) => ["==", ["get", "layer"], layer];
  const density = ["match", ["get", "density"], 1, value("--density-1"), 2, value("--density-2"),
    3, value("--density-3"), 4, value("--density-4"), value("--density-5")];
  const line = (id, colour, width, extra = {}) => ({
    id, type: "line", source: "all", filter: of(id.split(":")[0]),
    layout: { "line-join": "round", "line-cap": extra.dash ? "butt" : "round" },
    paint: { "line-color": colour, "line-width": width, ...(extra.dash ? { "line-dasharray": extra.dash } : {}) },
  });
  const wider = (small, large) => ["interpolate", ["exponential", 1.6], ["zoom"], 11, small, 17, large];
  const all = [
    { id: "land", type: "background", paint: { "background-color": value("--map-land") } },
    { id: "green", type: "fill", source: "all", filter: of("green"), paint: { "fill-color": value("--map-green") } },
    { id: "water", type: "fill", source: "all", filter: of("water"), paint: { "fill-color": value("--map-water") } },
    line("street", value("--map-street"), wider(1, 10)),
    line("road:edge", value("--map-street-edge"), wider(4, 20)),
    line("road", value("--map-street"), wider(3, 17)),
    line("rail", value("--map-rail"), 1.6, { dash: [5, 3] }),
    { id: "hexagon", type: "fill", source: "all", filter: ["all", of("hexagon"), [">", ["get", "density"], 0]],
      paint: { "fill-color": density, "fill-opacity": tiles ? 0.7 : 0.9, "fill-outline-color": value("--map-land") } },
    { id: "hidden", type: "fill", source: "all", filter: ["all", of("hexagon"), ["==", ["get", "density"], -1]],
      paint: { "fill-pattern": "hatch" } },
    line("area", value("--map-area"), ["case", ["get", "chosen"], 2.4, 1.2], { dash: [2, 2] }),
    line("approximate", value("--map-dot"), 1.5, { dash: [3, 2] }),
    { id: "mark", type: "symbol", source: "all", filter: of("mark"),
      layout: { "icon-image": ["concat", "sign-", ["get", "sign"]], "icon-allow-overlap": true } },
    line("attention", value("--attention"), 3),
  ];
  if (!tiles) return all;
  const [land, ...rest] = all.filter((layer) => !GROUND.has(layer.id));
  return [land, { id: "tiles", type: "raster", source: "tiles" }, ...rest];
}

function bare(data, tiles) {
  const sources = { all: { type: "geojson", data } };
  if (tiles) sources.tiles = { type: "raster", tiles: [tiles], tileSize: 256, maxzoom: 19 };
  return { version: 8, sources, layers: [] };
}

// MapLibre writes what it is given as markup; these are plain words.
function notes(box) {
  const plain = document.createElement("span");
  return [box.dataset.note, box.dataset.attribution].filter(Boolean).map((words) => {
    plain.textContent = words;
    return plain.innerHTML;
  });
}

function dress(map, tiles) {
  const value = colours();
  map.addImage("hatch", hatching(value("--ds-color-neutral-border-default")), { pixelRatio: 2 });
  for (const kind of MARKS) {
    const fill = value(kind === "pin" ? "--ds-color-accent-base-default" : "--map-dot");
    map.addImage(`sign-${kind}`, sign(kind, fill, value("--map-land")), { pixelRatio: 2 });
  }
  for (const layer of layers(value, tiles)) map.addLayer(layer);
}

function names(maplibre, map, data) {
  for (const { properties: p, geometry } of data.features) {
    if (p.layer !== "name") continue;
    const label = document.createElement("div");
    label.className = `map-label${p.attention ? " map-label-attention" : ""}${p.water ? " map-label-water" : ""}`;
    const words = document.createElement(p.href ? "a" : "span");
    words.textContent = p.name;
    if (p.href) words.href = p.href;
    label.append(words);
    if (p.words) {
      const small = document.createElement("small");
      small.textContent = p.words;
      label.append(small);
    }
    new maplibre.Marker({ element: label, anchor: p.attention ? "bottom" : "center" }).setLngLat(geometry.coordinates).addTo(map);
  }
}

export async function enliven(box) {
  if (!canDraw()) return;
  const answer = await fetch(box.dataset.source, { headers: { Accept: "application/geo+json" } });
  if (!answer.ok) return;
  const data = await answer.json();
  const maplibre = await import(`${VENDOR}maplibre-gl.mjs`);
  const sheet = document.createElement("link");
  sheet.rel = "stylesheet";
  sheet.href = new URL(`${VENDOR}maplibre-gl.css`, import.meta.url).href;
  await new Promise((ready) => { sheet.onload = sheet.onerror = ready; document.head.prepend(sheet); });
  box.hidden = false;
  const tiles = box.dataset.tiles || "";
  const said = notes(box);
  let map;
  try {
    map = new maplibre.Map({
      container: box,
      style: bare(data, tiles),
      // Tiles are then asked for as images, which is all that the page's policy lets the host give.
      refreshExpiredTiles: !tiles,
      bounds: data.bbox,
      fitBoundsOptions: { padding: 0 },
      maxZoom: 18,
      dragRotate: false,
      pitchWithRotate: false,
      cooperativeGestures: matchMedia("(pointer: coarse)").matches,
      attributionControl: said.length ? { customAttribution: said, compact: false } : false,
      fadeDuration: 0,
      locale: { "Map.Title": box.dataset.label, "NavigationControl.ZoomIn": box.dataset.zoomIn, "NavigationControl.ZoomOut": box.dataset.zoomOut },
    });
  } catch {
    box.hidden = true;
    return;
  }
  map.keyboard.disableRotation();
  map.touchZoomRotate.disableRotation();
  map.addControl(new maplibre.NavigationControl({ showCompass: false }), "top-left");
  map.addControl(new maplibre.ScaleControl({ maxWidth: 130 }), "bottom-left");
  map.on("error", (event) => {
    // A map that cannot draw itself leaves the drawing in peace.
    if (box.classList.contains("is-ready")) return;
    console.warn(event.error?.message);
    box.hidden = true;
  });
  map.on("style.load", () => {
    dress(map, tiles);
    map.once("idle", () => box.classList.add("is-ready"));
  });
  names(maplibre, map, data);
  const repaint = () => map.setStyle(bare(data, tiles), { diff: false });
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", repaint);
  map.on("click", "hexagon", (event) => tell(maplibre, map, event));
  map.on("click", "hidden", (event) => tell(maplibre, map, event));
  map.on("click", "mark", (event) => tell(maplibre, map, event));
}

function tell(maplibre, map, event) {
  const words = event.features[0]?.properties.words;
  if (words) new maplibre.Popup({ closeButton: false }).setLngLat(event.lngLat).setText(words).addTo(map);
}
