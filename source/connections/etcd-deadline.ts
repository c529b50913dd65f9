/** A deadline on one gRPC call that counts our own time: gRPC's runs on while this program is stalled and its answer waits. */
import {InterceptingCall, type Interceptor, status} from '@grpc/grpc-js';
import {ownTime} from '../lib/own-time.ts';

export function callDeadline(milliseconds: number): Interceptor {
	return (options, nextCall) => {
		const call = nextCall(options);
		return new InterceptingCall(call, {
			start(metadata, _, next) {
				const cancel = ownTime.after(milliseconds, () => {
					call.cancelWithStatus(status.DEADLINE_EXCEEDED, 'no answer in time');
				});
				next(metadata, {
					onReceiveStatus(received, pass) {
						cancel();
						pass(received);
					},
				});
			},
		});
	};
}
