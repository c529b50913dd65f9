/** Why a notification was not delivered. */
export class DeliveryError extends Error {
	override name = 'DeliveryError';
	/** Another try would fail alike. */
	readonly isFinal: boolean;

	constructor(message: string, {isFinal}: {isFinal: boolean}) {
		super(message);
		this.isFinal = isFinal;
	}
}
