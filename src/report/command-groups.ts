import type { Command } from '../remediation/command.ts';

/** Commands that may be pasted together, and what they do. */
export interface CommandGroup {
  /** `Reads`, `Reads, on the node`, or `Changes: the rollout replaces ...`. */
  readonly label: string;
  readonly commands: readonly string[];
}

/** Commands in their order: neighbours that read in one place stand together, each one that changes something alone. */
export function commandGroups(commands: readonly Command[]): readonly CommandGroup[] {
  const groups: CommandGroup[] = [];
  for (const command of commands) {
    const label = labelOf(command);
    const last = groups.at(-1);
    if (command.effect === 'reads' && last?.label === label)
      groups[groups.length - 1] = { label, commands: [...last.commands, command.run] };
    else groups.push({ label, commands: [command.run] });
  }
  return groups;
}

function labelOf(command: Command): string {
  const where = command.where === 'node' ? ', on the node' : '';
  return command.effect === 'reads' ? `Reads${where}` : `Changes${where}: ${command.risk}`;
}
