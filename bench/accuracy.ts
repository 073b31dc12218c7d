/**
 * Scores the classifier on labelled messages: `npm run bench:accuracy -- FILE`. FILE has one JSON object a line with
 * `message`, `symptom`, and optionally `id` and `also_ok`, a list of other symptoms that are right as well. Prints every
 * miss, then precision and recall for each symptom. `unknown` and `denied-or-missing` count as unsaid, other misses as wrong.
 */
import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { loadPullErrorRules } from '../src/app/runbooks.ts';
import { createPullErrorClassifier, SYMPTOMS, type Symptom } from '../src/diagnosis/message/pull-error.ts';

const Labelled = z.object({
  id: z.string().optional(),
  message: z.string(),
  symptom: z.enum(SYMPTOMS),
  also_ok: z.array(z.enum(SYMPTOMS)).default([]),
});
const UNSAID: readonly Symptom[] = ['unknown', 'denied-or-missing'];

const [file] = process.argv.slice(2);
if (!file) {
  process.stderr.write('usage: npm run bench:accuracy -- FILE (one JSON object a line: message, symptom, also_ok)\n');
  process.exit(2);
}
const rows = readFileSync(file, 'utf8')
  .split('\n')
  .filter((line) => line.trim() !== '')
  .map((line) => Labelled.parse(JSON.parse(line)));
const classify = createPullErrorClassifier(loadPullErrorRules());

const tally = new Map(SYMPTOMS.map((symptom) => [symptom, { labelled: 0, found: 0, answered: 0, right: 0 }]));
const count = (symptom: Symptom) => tally.get(symptom) ?? { labelled: 0, found: 0, answered: 0, right: 0 };
let right = 0;
let unsaid = 0;
for (const [index, row] of rows.entries()) {
  const answer = classify(row.message);
  const fits = answer.symptom === row.symptom || row.also_ok.includes(answer.symptom);
  count(row.symptom).labelled += 1;
  count(answer.symptom).answered += 1;
  if (fits) {
    right += 1;
    count(row.symptom).found += 1;
    count(answer.symptom).right += 1;
    continue;
  }
  if (UNSAID.includes(answer.symptom)) unsaid += 1;
  process.stdout.write(
    `miss ${row.id ?? `line ${index + 1}`}: wanted ${row.symptom}, got ${answer.symptom} by ${answer.rule ?? 'no rule'}\n`,
  );
}

const percent = (part: number, whole: number) => (whole === 0 ? '    -' : `${((100 * part) / whole).toFixed(1).padStart(5)}`);
process.stdout.write(`\n${'symptom'.padEnd(22)} messages  precision %  recall %\n`);
for (const [symptom, { labelled, found, answered, right: correct }] of tally) {
  if (labelled + answered === 0) continue;
  process.stdout.write(
    `${symptom.padEnd(22)} ${String(labelled).padStart(8)}  ${percent(correct, answered).padStart(11)}  ${percent(found, labelled).padStart(8)}\n`,
  );
}
const wrong = rows.length - right - unsaid;
process.stdout.write(
  `\nright ${percent(right, rows.length).trim()} % (${right}/${rows.length}), wrong ${percent(wrong, rows.length).trim()} % (${wrong}), unsaid ${unsaid}\n`,
);
