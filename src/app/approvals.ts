import type { z } from 'zod';
import { type Plan as OnePlan, Plan } from '../approval/plan.ts';
import { ApprovalPolicy, inForce, type ApprovalPolicy as Policy } from '../approval/policy.ts';
import { ExpectationTable, type ExpectationTable as Table } from '../approval/preview/expectations.ts';
import { CodedError } from '../errors.ts';
import { installedFile } from '../installed.ts';
import { readRunbookFile } from '../runbook/runbook-files.ts';
import { readTextFile } from './text-file.ts';

const SHIPPED = 'runbooks/approvals.yaml';

/**
 * A policy file as it is in force for a bot in a namespace; without a file the one that comes with the program, by which nobody may approve
 * anything. Throws `config/file`, `runbook/invalid`.
 */
export function readPolicy(file: string | undefined, botNamespace: string | undefined): Policy {
  if (file !== undefined) return inForce(read(file, ApprovalPolicy), botNamespace);
  const shipped = installedFile(SHIPPED);
  if (shipped === undefined) throw new CodedError('installation/incomplete', `This installation lacks ${SHIPPED}. Install it again.`);
  return inForce(readRunbookFile(SHIPPED, shipped, ApprovalPolicy), botNamespace);
}

/** A plan in a JSON or YAML file. Throws `config/file`, `runbook/invalid`. */
export function readPlan(file: string): OnePlan {
  return read(file, Plan);
}

/** A table of expectations in a YAML file. Throws `config/file`, `runbook/invalid`. */
export function readExpectations(file: string): Table {
  return read(file, ExpectationTable);
}

function read<T>(file: string, schema: z.ZodType<T>): T {
  return readRunbookFile(file, readTextFile(file), schema);
}
