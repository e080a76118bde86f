import { type Command, Option } from 'commander';

/** How much of bodies is shown. */
export interface BodyFlags {
  readonly bodies: 'none' | 'head' | 'full';
}

/** Adds the option that says how much of bodies is shown. */
export function withBodies(command: Command, byDefault: BodyFlags['bodies'] = 'none'): Command {
  const about = 'bodies by their content type: none, the first lines, or up to 1 MiB';
  return command.addOption(new Option('--bodies <part>', about).choices(['none', 'head', 'full']).default(byDefault));
}
