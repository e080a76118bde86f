import type { Access } from '../given/access.js';
import { type BrokerLook, isWell } from '../look/brokers.js';
import { propertyOf } from '../look/certificates.js';

/**
 * The repair of an address that is of no use: those that are, of the same configuration or of another tier that speaks
 * to brokers in the same way. Where none is known it says so with a place to fill in.
 */
export async function elsewhere(access: Access, all: readonly Access[], lost: BrokerLook): Promise<string> {
  const protocol = (of: Access) => propertyOf(of.connection.settings.properties, 'security.protocol')?.toLowerCase();
  const alike = [access, ...all.filter((other) => other !== access && protocol(other) === protocol(access))];
  for (const one of alike) {
    const well = (await one.looks())
      .filter((look) => look.address !== lost.address && isWell(look))
      .map(({ address }) => address);
    if (well.length > 0) return access.brokersLine(well);
  }
  return `${access.brokersLine([`HOST:${lost.port}`])}  # as advertised.listeners of the brokers has it`;
}
