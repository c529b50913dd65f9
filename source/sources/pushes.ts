/** Which pushed events are a reason to ask the polled sources at once. */
import type {Event} from '../domain/events.ts';

/** Members whose last key is remembered; a cluster has fewer. */
const membersMax = 1000;

export class Pushes {
	/** By the path of a member's key, without what changes with each write of clients. */
	readonly #members = new Map<string, string>();

	/** Patroni writes `status` and each member's WAL location in each loop, which is no change. */
	isNews(event: Event): boolean {
		switch (event.type) {
			case 'dcs.put': {
				const {path, value} = event.entry;
				if (value.kind !== 'member') {
					return path !== 'status' && path !== 'optime/leader';
				}

				const {location: _, received: __, replayed: ___, ...state} = value.data;
				return this.#isNew(path, JSON.stringify(state));
			}

			case 'dcs.deleted': {
				this.#members.delete(event.path);
				return true;
			}

			case 'addresses.added':
			case 'addresses.removed': {
				return true;
			}

			default: {
				return false;
			}
		}
	}

	/** Each endpoint's watch reports the same change. */
	#isNew(path: string, text: string): boolean {
		const isNew = this.#members.get(path) !== text;
		if (isNew && this.#members.size >= membersMax) {
			this.#members.clear();
		}

		this.#members.set(path, text);
		return isNew;
	}
}
