/** What the screen tells of a recording that is being played, beside the picture itself. */
import type {Entry} from '../domain/timeline/entry.ts';

export type Playback = {
	playing: boolean;
	/** Seconds of the recording a second. */
	speed: number;
	/** Where it is, and where the recording begins and ends; Unix ms. */
	time: number;
	from: number;
	to: number;
	/** What the operator's clock was set to, such as CET. */
	zone: string;
	/** Things that happened, to go to. */
	marks: readonly Entry[];
	/** How many events the recording has. */
	events: number;
	/** While it stands: how many of them have been, and the last one in words. */
	step: {position: number; event: string} | undefined;
	/** Why there is no more. */
	end: string | undefined;
	/** What the operator looked at is shown, and not what who looks at the recording chose. */
	asOperator: boolean;
	/** The time that is being typed, to go there. */
	prompt: {text: string; problem: string | undefined} | undefined;
	/** The recording is damaged here. */
	problem: string | undefined;
};
