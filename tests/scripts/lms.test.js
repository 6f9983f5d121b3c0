// A learning platform that fails, and where progress is stored then: scorm.js and storage.js with a stub of the window.
import assert from "node:assert/strict";
import { beforeEach, mock, test } from "node:test";

const EMPTY = { text: "1", location: "lessons/01-x.html", answered: 0, right: 0, asked: 2, acted: false };
const ANSWERED = { ...EMPTY, text: "1 1:a!", answered: 1, right: 1, acted: true };

/** A platform that stores values; `wrong` replaces some of its calls. */
function platform(kept = {}, wrong = {}) {
  const calls = [];
  const right = {
    LMSInitialize: () => "true",
    LMSGetValue: (name) => kept[name] ?? "",
    LMSSetValue: (name, value) => ((kept[name] = value), "true"),
    LMSCommit: () => "true",
    LMSFinish: () => "true",
    LMSGetLastError: () => "0",
  };
  const noted =
    (name) =>
    (...args) => {
      calls.push([name, ...args]);
      return (wrong[name] ?? right[name])(...args);
    };
  const api = Object.fromEntries(Object.keys(right).map((name) => [name, noted(name)]));
  return {
    api,
    kept,
    calls,
    sets: (name) =>
      calls
        .filter(([call, element]) => call === "LMSSetValue" && element === name)
        .map(([, , value]) => value),
  };
}

let opener, stored, storage;

beforeEach(async () => {
  mock.timers.reset();
  mock.timers.enable({ apis: ["setInterval", "setTimeout"] });
  stored = {};
  opener = { closed: false, document: {}, opener: null };
  opener.parent = opener;
  const listens = { addEventListener: () => {} };
  const here = { opener, closed: false, ...listens };
  here.parent = here;
  Object.assign(globalThis, listens, {
    window: here,
    document: { documentElement: { dataset: { package: "lesson" } }, visibilityState: "visible", ...listens },
    localStorage: { getItem: (key) => stored[key] ?? null, setItem: (key, value) => (stored[key] = value) },
  });
  storage = await import("../../site/scripts/progress/storage.js");
});

/** A page's store, once it has found its platform. */
async function openStore(found) {
  if (found) opener.API = found.api;
  else document.documentElement.dataset.package = "";
  const made = storage.openStore(() => (made.changes = (made.changes ?? 0) + 1));
  await null;
  return made;
}

const MEMORY = /only while this page is open/;
const CLOSED = /closed.*only while this page is open/;

test("a platform saves and reports what a learner does", async () => {
  const found = platform({ "cmi.suspend_data": "1 1r", "cmi.core.lesson_status": "incomplete" });
  const page = await openStore(found);
  assert.equal(page.text, "1 1r");
  page.save(ANSWERED);
  assert.equal(found.kept["cmi.suspend_data"], "1 1:a!");
  assert.equal(found.kept["cmi.core.score.raw"], "50");
  assert.match(page.words, /saved by the learning platform/);
});

for (const [how, end] of Object.entries({
  "is closed": () => (opener.closed = true),
  "shows another page": () => (opener.document = {}),
  "has lost its API": () => delete opener.API,
  "belongs to another origin": () =>
    Object.defineProperty(opener, "document", {
      get: () => {
        throw new Error("another origin");
      },
    }),
})) {
  test(`when the platform's window ${how}, the page doesn't claim to save there`, async () => {
    const found = platform({ "cmi.core.lesson_status": "incomplete" });
    const page = await openStore(found);
    page.save(EMPTY);
    assert.match(page.words, /is saved by the learning platform/);
    const before = [found.calls.length, page.changes];
    end();
    mock.timers.tick(2_000);
    await null;
    assert.match(page.words, CLOSED);
    assert.equal(page.changes, before[1] + 1); // the page shows it without being asked
    page.save(ANSWERED);
    assert.equal(found.calls.length, before[0]);
    assert.equal(page.text, ANSWERED.text);
    assert.deepEqual(stored, {}); // this browser may belong to the next learner
  });
}

test("a browser that stores nothing more is told about, and the page remembers what it can", async () => {
  stored["ml-progress"] = "1 1r";
  localStorage.setItem = () => {
    throw new Error("QuotaExceededError");
  };
  const page = await openStore();
  assert.doesNotMatch(page.words, MEMORY);
  page.save(ANSWERED);
  assert.match(page.words, MEMORY);
  assert.equal(page.text, ANSWERED.text);
});

test("a platform is told once that a learner has passed, and at once", async () => {
  const found = platform({ "cmi.core.lesson_status": "incomplete" });
  const page = await openStore(found);
  const commits = () => found.calls.filter(([call]) => call === "LMSCommit").length;
  const passing = { ...ANSWERED, answered: 2, right: 2 };
  const before = commits();
  page.save({ ...passing, text: "1 1:a!,b!" });
  assert.equal(commits(), before + 1);
  page.save({ ...passing, text: "1 1:b!,a!" });
  assert.deepEqual(found.sets("cmi.core.lesson_status"), ["passed"]);
  assert.equal(commits(), before + 1); // what follows is stored later, together
});

test("an answer after the window was closed isn't saved, even before a check has noticed that", async () => {
  const found = platform({ "cmi.core.lesson_status": "incomplete" });
  const page = await openStore(found);
  opener.closed = true;
  page.save(ANSWERED);
  await null;
  assert.deepEqual(found.sets("cmi.suspend_data"), []);
  assert.match(page.words, CLOSED);
});

const STRANGE = {
  "a newer version": "2 1r:a!;7",
  "encoded for an address": "1%201r%3Aa%21",
  "encoded for a form": "1+1r%3Aa%21",
  "encoded for HTML": "1 1r:a&#33;",
  "in quotes": '"1 1r:a!"',
  "with entries that mean nothing": "1 1r:a! q9",
  "another program's": '{"page": 4}',
  "of great length": "1 " + "x".repeat(5000),
};

for (const [what, text] of Object.entries(STRANGE)) {
  test(`resume data ${what} stays unchanged until the learner does something`, async () => {
    const found = platform({
      "cmi.suspend_data": text,
      "cmi.core.lesson_status": "passed",
      "cmi.core.score.raw": "90",
      "cmi.core.lesson_location": "lessons/09-y.html",
    });
    const before = { ...found.kept };
    const page = await openStore(found);
    page.save(EMPTY);
    page.save({ ...EMPTY, text: "1 1r" }); // read, by being in view
    mock.timers.tick(60_000);
    delete found.kept["cmi.core.session_time"];
    assert.deepEqual(found.kept, before);
    assert.match(page.words, /can’t read.*stays unchanged/);
    page.save(ANSWERED);
    assert.equal(found.kept["cmi.suspend_data"], "1 1:a!");
    assert.equal(found.kept["cmi.core.lesson_status"], "passed");
    assert.equal(found.kept["cmi.core.score.raw"], "90"); // it may have been for what cannot be read
    assert.match(page.words, /couldn’t be read.*replaced/);
    page.save({ ...ANSWERED, text: "1 1:a!,b!", answered: 2, right: 2 });
    assert.equal(found.kept["cmi.core.score.raw"], "100");
  });

  test(`a record in the browser ${what} stays unchanged until the learner does something`, async () => {
    stored["ml-progress"] = text;
    const page = await openStore();
    page.save({ ...EMPTY, text: "1 1r" });
    assert.equal(stored["ml-progress"], text);
    assert.match(page.words, /can’t read/);
    page.save(ANSWERED);
    assert.equal(stored["ml-progress"], "1 1:a!");
    assert.match(page.words, /replaced/);
  });
}

for (const [how, get] of Object.entries({
  throws: () => {
    throw new Error("no connection");
  },
  "answers nothing, and names an error": () => "",
})) {
  test(`a platform that ${how} when it is asked may have a record`, async () => {
    const found = platform({}, { LMSGetValue: get, LMSGetLastError: () => "101" });
    const page = await openStore(found);
    page.save(EMPTY);
    assert.deepEqual(
      found.calls.filter(([name]) => name === "LMSSetValue"),
      [],
    );
    assert.match(page.words, /can’t read/);
    page.save(ANSWERED);
    assert.equal(found.kept["cmi.suspend_data"], "1 1:a!");
  });
}

for (const [what, wrong] of Object.entries({
  "stores nothing": { LMSCommit: () => "false" },
  "throws when it stores": {
    LMSCommit: () => {
      throw new Error("no connection");
    },
  },
  "takes nothing": { LMSSetValue: () => "false" },
})) {
  test(`the page doesn't claim to save on a platform that ${what}, until it works again`, async () => {
    const found = platform({ "cmi.core.lesson_status": "incomplete" }, wrong);
    const page = await openStore(found);
    page.save(ANSWERED);
    mock.timers.tick(10_000);
    assert.match(page.words, /doesn’t accept your results/);
    for (const name of Object.keys(wrong)) delete wrong[name];
    mock.timers.tick(60_000);
    assert.match(page.words, /is saved by the learning platform/);
    assert.equal(found.kept["cmi.suspend_data"], ANSWERED.text);
  });
}

test("a text that is too long is not truncated", async () => {
  const found = platform({ "cmi.core.lesson_status": "incomplete" });
  const page = await openStore(found);
  page.save({ ...ANSWERED, text: "1 " + "1r ".repeat(2000) });
  assert.deepEqual(found.sets("cmi.suspend_data"), []);
  assert.match(page.words, /doesn’t accept your results/);
});
