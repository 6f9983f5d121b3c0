import assert from "node:assert/strict";
import { test } from "node:test";
import { isReadable, lesson, merge, parse, score, write } from "../../site/scripts/progress/progress-data.js";

test("a written record can be read", () => {
  const text = "1 4rt:a!,,c 5r 11t:2.5";
  assert.equal(write(parse(text)), text);
});

test("a foreign text gives an empty record, a damaged one whatever can be read", () => {
  const texts = ["", "2 4rt:a!", "{}", "1 4x 5r", "1 4rt:%E0%A4%A,b!", "1 4rt:a!,,c 11r"];
  assert.deepEqual(
    texts.map((text) => write(parse(text))),
    ["1", "1", "1", "1 5r", "1 4rt:,b!", "1 4rt:a!,,c 11r"],
  );
});

test("special characters are escaped, and answers are shortened", () => {
  const progress = new Map();
  Object.assign(lesson(progress, 1), {
    answers: [
      { text: "a!,b c", right: false },
      { text: "-0.00012345678", right: true },
    ],
  });
  const text = write(progress);
  assert.equal(text, "1 1:a%21%2Cb%20c,-0.00012346!");
  assert.equal(parse(text).get(1)?.answers[0]?.text, "a!,b c");
});

test("the longest record of a course of sixty lessons fits on a platform", () => {
  const full = new Map();
  for (let number = 1; number <= 60; number += 1) {
    const answers = Array.from({ length: 3 }, () => ({ text: "-0.00012345678", right: true }));
    Object.assign(lesson(full, number), { read: true, tried: true, guessed: true, answers });
  }
  const text = write(full);
  assert.equal(write(parse(text)), text);
  assert.ok(text.length < 3200, `SCORM 1.2 gives 4096 characters; these are ${text.length}`);
});

test("merging two records keeps everything done in either, and the later answer", () => {
  const both = merge(parse("1 1r:a,2 2t"), parse("1 1t:b! 3r"));
  assert.equal(write(both), "1 1rt:b!,2 2t 3r");
});

test("a score counts only questions that the course has", () => {
  const course = new Map([
    [1, 2],
    [2, 3],
  ]);
  assert.deepEqual(score(parse("1 1rt:a!,b,c! 7r"), course), {
    read: 1,
    tried: 1,
    answered: 2,
    right: 1,
    asked: 5,
  });
});

test("a guess is saved after a lesson's entry, where older versions ignore it", () => {
  const [plain, guessed] = ["1 4rt:a!,b 5r", "1 4rt:a!,b 4g 5r 8g"];
  assert.equal(write(parse(guessed)), guessed);
  assert.ok(isReadable(guessed));
  assert.equal(parse(plain).get(4)?.guessed, false);
  assert.equal(write(merge(parse(guessed), parse("1 4rt:c!"))), "1 4rt:c!,b 4g 5r 8g");
  const before = /^(\d{1,3})(r?)(t?)(?::(.*))?$/; // an entry, to a reader of before: others it leaves out
  assert.deepEqual(
    guessed
      .split(" ")
      .slice(1)
      .filter((entry) => before.test(entry)),
    plain.split(" ").slice(1),
  );
  const course = new Map([
    [4, 2],
    [5, 1],
    [8, 1],
  ]);
  assert.deepEqual(score(parse(guessed), course), score(parse(plain), course));
});
