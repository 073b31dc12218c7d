import type { z } from 'zod';
import { readExpectations, readPolicy } from '../../src/app/approvals.ts';
import { Expectation, type ExpectationTable } from '../../src/approval/preview/expectations.ts';
import { worldOf } from '../../src/approval/preview/supposed-plan.ts';
import type { Question } from '../../src/approval/status.ts';
import { sha256 } from '../../src/signing/ed25519.ts';

/** The policy and the table that the tests of approvals go by. */
export const policy = readPolicy('test/approval/approvals.yaml', undefined);
export const table: ExpectationTable = readExpectations('test/approval/expectations.yaml');

/** Everything that a plan's status depends on, from a row as the table writes them. */
export function questionOf(row: Partial<z.input<typeof Expectation>>): Question {
  return worldOf(Expectation.parse({ name: 'a row', expect: 'waiting', ...row }), table, policy, sha256);
}
