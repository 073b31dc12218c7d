import { readFileSync, statSync } from 'node:fs';
import type { z } from 'zod';
import { ExpectationTable, type ExpectationTable as Table } from '../approval/expectations.ts';
import { type Plan as OnePlan, Plan } from '../approval/plan.ts';
import { ApprovalPolicy, inForce, type ApprovalPolicy as Policy } from '../approval/policy.ts';
import { CodedError, fileProblem } from '../errors.ts';
import { installedFile } from '../installed.ts';
import { readRunbookFile } from '../runbook/runbook-files.ts';

/** More than this is none of these files. */
const MAX_BYTES = 1024 * 1024;
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
  return readRunbookFile(file, textOf(file), schema);
}

function textOf(file: string): string {
  try {
    const found = statSync(file);
    if (!found.isFile()) throw new CodedError('config/file', `${file} is no regular file.`);
    if (found.size > MAX_BYTES) throw new CodedError('config/file', `${file} is larger than 1 MiB.`);
    return readFileSync(file, 'utf8');
  } catch (cause) {
    if (cause instanceof CodedError) throw cause;
    throw new CodedError('config/file', `Cannot read ${file}: ${fileProblem(cause)}.`, { cause });
  }
}
