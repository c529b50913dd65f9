/** The type of advice on a finding, and sentences that several findings share. */
import type {Command} from '../../events.ts';

export type Advice = {
	/** The effect on clients. */
	clients: string;
	/** Clients are affected now. */
	felt?: true;
	remedy: string;
	/** The console's command that helps. */
	command?: Command;
};

export const noEffect = 'No effect on clients.';
export const notKnown = 'No effect on clients is seen from here.';
export const noWrites = 'No client can write.';
export const noTakeover = 'No effect on clients. If the leader fails, no member takes over.';
export const cannotLead = 'It cannot take over.';
