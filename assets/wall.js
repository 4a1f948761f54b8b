/* The wall: numbers on a screen that nobody touches for weeks. One JSON, drawn in place.

   It never lies: two clocks in words say when the server last answered and how old the data are.
   One tick a second drives everything (checks, rotation, clocks, watchdog), so a machine that slept
   wakes up to one tick and not to a queue of late timers. Numbers are worded by the server only. */
import { draw, find, say } from "./wall_screens.js";

class Refusal extends Error {} // the server answered, but not with numbers

const wall = find("#wall");
const SECOND = 1000;
const PATIENCE = 15 * SECOND; // a request without an answer for this long is a missed check
const JUMP = 5 * SECOND; // a longer gap between two ticks means that the machine slept
const settings = {
  api: wall.dataset.api,
  home: wall.dataset.home,
  build: wall.dataset.build,
  every: Number(wall.dataset.every) * SECOND,
  refresh: Number(wall.dataset.refresh) * SECOND,
};
const before = history.state || {}; // what the page told itself when it loaded itself anew
const state = {
  data: null, // the last numbers that arrived
  etag: null,
  message: null, // a sentence instead of numbers: bad selection, nothing published yet
  misses: 0, // checks missed in a row
  why: "", // why the last one was missed
  contactAt: null, // instants are milliseconds of this machine's clock
  missedAt: null, // first of the misses in a row
  serverAhead: 0, // milliseconds: its clock minus ours; a television's clock is often wrong
  nextAt: 0,
  request: null,
  requestAt: 0,
  underWay: null, // settles once the request is answered and its answer is drawn
  otherBuild: null,
  reloadAt: null,
  notice: null, // a short remark in the foot, until an instant
  screen: before.screen || 0,
  screenAt: Date.now(),
  paused: before.paused || false,
  tickAt: Date.now(),
};
history.replaceState({ reloadedFor: before.reloadedFor }, ""); // whoever reloads by hand begins anew

// ------------------------------------------------------------------ words for instants

const length = (milliseconds) => {
  const seconds = Math.max(0, Math.round(milliseconds / SECOND));
  if (seconds < 100) return `${seconds} s`;
  if (seconds < 100 * 60) return `${Math.round(seconds / 60)} min`;
  if (seconds < 48 * 3600) return `${Math.round(seconds / 3600)} hours`;
  return `${Math.round(seconds / 86400)} days`;
};
const clock = (instant) => {
  const at = new Date(instant);
  const time = `${String(at.getHours()).padStart(2, "0")}:${String(at.getMinutes()).padStart(2, "0")}`;
  if (at.toDateString() === new Date().toDateString()) return time;
  return `${at.getDate()} ${at.toLocaleDateString("en-GB", { month: "short" })}, ${time}`;
};

// ------------------------------------------------------------------ asking the server

async function ask() {
  state.request = new AbortController();
  state.requestAt = Date.now();
  try {
    return await fetch(settings.api, {
      cache: "no-store",
      headers: state.etag ? { "If-None-Match": state.etag } : {},
      signal: state.request.signal,
    });
  } catch {
    throw new Refusal("");
  }
}

// Never a second request in flight: who comes while one is under way waits for it instead.
function alone(work) {
  state.underWay ||= work().finally(() => {
    state.request = state.underWay = null;
    show();
  });
  return state.underWay;
}

const check = () => alone(async () => {
  try {
    const reply = await ask();
    await take(reply);
    contact(reply);
  } catch (error) {
    missed(error instanceof Refusal ? error.message : "Its answer could not be read.");
  }
});

async function take(reply) {
  if (reply.status === 304) return;
  if (reply.status === 400 || reply.status === 503) {
    const sentence = (await reply.json()).error;
    if (state.data) throw new Refusal(sentence);
    state.message = { waiting: reply.status === 503, sentence };
    return;
  }
  if (!reply.ok) throw new Refusal(`The server answered with error ${reply.status}.`);
  const data = await reply.json();
  planReload(data.build); // before drawing: numbers of another build may have another shape
  draw(data);
  state.data = data;
  state.message = null;
  state.etag = reply.headers.get("ETag");
  state.screen = Math.min(state.screen, data.screens.length - 1);
}

function contact(reply) {
  const now = Date.now();
  const stamp = Date.parse(reply.headers.get("Date") || "");
  if (!Number.isNaN(stamp)) state.serverAhead = stamp - now;
  state.contactAt = now;
  state.misses = 0;
  state.missedAt = null;
  state.nextAt = now + settings.refresh;
}

function missed(why) {
  const jitter = 0.75 + Math.random() / 2; // walls that lost the server together come back apart
  state.misses += 1;
  state.missedAt = state.missedAt || Date.now();
  state.why = why;
  state.nextAt = Date.now() + Math.min(60, Math.max(2, 2 ** state.misses * jitter)) * SECOND;
}

// A server of another build may come with another wall.js: reload once for each build, not all
// walls at the same instant, and only when the server has answered at that very moment.
function planReload(build) {
  state.otherBuild = build !== settings.build && build !== before.reloadedFor ? build : null;
  if (state.otherBuild === null) state.reloadAt = null;
  else if (state.reloadAt === null) state.reloadAt = Date.now() + Math.random() * 10 * SECOND;
}

const reload = () => alone(async () => {
  state.reloadAt = Date.now() + 10 * SECOND; // the next attempt, should this one fail
  const reply = await ask().catch(() => null);
  if (!reply || !(reply.ok || reply.status === 304)) return;
  const { otherBuild: reloadedFor, paused, screen } = state;
  history.replaceState({ reloadedFor, paused, screen }, "");
  location.reload();
});

// ------------------------------------------------------------------ what is on the screen now

function age() {
  return Date.now() + state.serverAhead - Date.parse(state.data.created_at);
}

function isStale() {
  return state.data !== null && age() > state.data.max_age_seconds * SECOND;
}

function show() {
  const offline = state.misses > 1;
  wall.classList.toggle("offline", offline);
  wall.classList.toggle("stale", !offline && isStale());
  say(find("#wall-time"), clock(Date.now()));
  showScreen();
  showMessage();
  showContact(offline);
  showAge();
  showAlarm(offline);
}

// Of so few customers that each number would be withheld, one sentence stands for all screens.
const screensNow = () => (state.data && !state.data.instead ? state.data.screens : []);

function showScreen() {
  const screens = screensNow();
  wall.querySelectorAll("[data-screen]").forEach((node) => {
    const name = node.dataset.screen;
    node.hidden = state.message !== null || !screens[state.screen] || screens[state.screen].name !== name;
  });
  [...find("#wall-dots").children].forEach((dot, place) => dot.classList.toggle("on", place === state.screen));
  find("#wall-dots").hidden = screens.length < 2;
  say(find("#wall-place"), placeInWords(screens.length));
}

function placeInWords(many) {
  if (state.notice && Date.now() < state.notice.until) return state.notice.text;
  const place = many > 1 ? `Screen ${state.screen + 1} of ${many}` : "";
  return state.paused ? ["Paused", place.toLowerCase()].filter(Boolean).join(" on ") : place;
}

function showMessage() {
  const box = find("#wall-message");
  const instead = state.data && state.data.instead;
  box.hidden = state.data !== null && !instead;
  if (instead) {
    say(find("h2", box), instead.title);
    say(find("p", box), instead.text);
  }
  if (state.data) return;
  const { waiting = true, sentence = "Asking the server for the first numbers." } = state.message || {};
  say(find("h2", box), state.message && !waiting ? "This wall cannot be shown" : "Waiting for numbers");
  const words = state.misses > 1 ? "No numbers have arrived yet." : sentence;
  // What there is to wait for may begin with a folder, whose name stays as it is.
  say(find("p", box), waiting ? words : words.charAt(0).toUpperCase() + words.slice(1));
}

function showContact(offline) {
  const since = state.contactAt === null ? null : length(Date.now() - state.contactAt);
  find("#wall-contact").className = offline ? "bad" : state.misses ? "warn" : "";
  find("#wall-contact i").className = `bi ${state.misses ? "bi-wifi-off" : "bi-wifi"}`;
  const delayed = since ? `delayed, last answer ${since} ago` : "delayed, no answer yet";
  const fine = since ? `checked ${since} ago` : "asked now";
  say(find("#wall-contact b"), offline ? `unreachable since ${clock(state.missedAt)}` : state.misses ? delayed : fine);
}

function showAge() {
  find("#wall-data").hidden = state.data === null;
  if (!state.data) return;
  find("#wall-data").className = isStale() ? "warn" : "";
  find("#wall-to").hidden = !state.data.as_of; // purchases without dates end on no day
  say(find("#wall-as-of"), state.data.as_of_text || state.data.as_of || "");
  say(find("#wall-age"), `${length(age())} ago`);
}

function showAlarm(offline) {
  const stale = !offline && isStale();
  find("#wall-alarm").hidden = !offline && !stale;
  find("#wall-alarm i").className = `bi ${offline ? "bi-wifi-off" : "bi-hourglass-split"}`;
  if (offline) {
    say(find("#wall-alarm b"), `Offline since ${clock(state.missedAt)}`);
    const numbers = state.data ? `These are the numbers of ${clock(state.contactAt)}.` : "";
    say(find("#wall-why"), [state.why, numbers].filter(Boolean).join(" "));
    say(find("#wall-retry"), state.request ? "Trying now." : `Trying again in ${length(state.nextAt - Date.now())}.`);
  } else if (stale) {
    say(find("#wall-alarm b"), "Stale data");
    say(find("#wall-why"), `Refreshed ${length(age())} ago; it should never be older than ${length(state.data.max_age_seconds * SECOND)}.`);
    say(find("#wall-retry"), "");
  }
}

// ------------------------------------------------------------------ time and keys

function tick() {
  const now = Date.now();
  const gap = now - state.tickAt;
  state.tickAt = now;
  if (gap > JUMP || gap < -SECOND) woke(now);
  if (state.request && now - state.requestAt > PATIENCE) state.request.abort();
  if (!state.paused && now - state.screenAt >= settings.every) step(1);
  if (state.reloadAt !== null && now >= state.reloadAt) reload();
  else if (now >= state.nextAt) check();
  show();
}

// Slept, or the clock was set: what we planned is void, so ask at once.
function woke(now) {
  state.nextAt = now;
  state.screenAt = now;
  if (state.contactAt !== null) state.contactAt = Math.min(state.contactAt, now);
  if (state.reloadAt !== null) state.reloadAt = Math.min(state.reloadAt, now + 10 * SECOND);
}

function step(by) {
  const many = screensNow().length;
  state.screenAt = Date.now();
  if (many > 1) state.screen = (state.screen + by + many) % many;
}

// Esc: never into a dead server, where the screen would stay on the browser's error page.
async function leave() {
  state.notice = { text: "Asking whether the server is there", until: Date.now() + PATIENCE };
  await state.underWay; // it may be an attempt to reload, whose failure is not counted
  await check();
  if (state.misses === 0) location.assign(settings.home);
  else state.notice = { text: "The server does not answer: nowhere to go yet", until: Date.now() + 5 * SECOND };
  show();
}

function pause() {
  state.paused = !state.paused;
  state.screenAt = Date.now();
}

const keys = { " ": pause, ArrowRight: () => step(1), ArrowLeft: () => step(-1), Escape: leave };

document.addEventListener("keydown", (event) => {
  if (!keys[event.key] || event.ctrlKey || event.altKey || event.metaKey) return;
  event.preventDefault();
  keys[event.key]();
  show();
});
find("#wall-home").addEventListener("click", (event) => {
  event.preventDefault();
  leave();
});
document.addEventListener("visibilitychange", () => {
  if (!document.hidden) check();
});
window.addEventListener("online", () => check());
setInterval(tick, SECOND);
tick();
