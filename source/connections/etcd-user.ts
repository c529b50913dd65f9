/** An etcd user on one connection: authenticates at the first call, sends the token with each, and gets a new one when it has run out. */
import {InterceptingCall, type Interceptor, Metadata, status} from '@grpc/grpc-js';

/** etcd takes none but a token of the present auth store. */
const refusedToken = /invalid auth token|revision of auth store is old/;

/**
 * etcd3 has this built in, but leaves a connection behind each time, and fails where etcd asks for no user.
 * @param authenticate asks etcd for a token.
 */
export function etcdUser(authenticate: () => Promise<string>): Interceptor {
	let token: Promise<string | undefined> | undefined;

	return (options, nextCall) => {
		const call = nextCall(options);
		return new InterceptingCall(call, {
			start(metadata, listener, next) {
				const isFresh = token === undefined;
				const using = token ?? authenticate().catch(withoutAuthentication);
				token = using;
				const forget = () => {
					token = token === using ? undefined : token;
				};
				using.then(
					value => {
						if (value !== undefined) {
							metadata.set('token', value);
						}

						next(metadata, {
							onReceiveStatus(received, pass) {
								const isRefused = refusedToken.test(received.details);
								if (isRefused) {
									forget();
								}

								// etcd3 asks again at once when it hears of an invalid token: not for one that was just made.
								pass(isRefused && isFresh ? {...received, details: 'etcd refuses its own token'} : received);
							},
						});
					},
					(error: unknown) => {
						forget();
						const {code, details} = statusOf(error);
						call.cancelWithStatus(code, details);
						listener.onReceiveStatus({code, details, metadata: new Metadata()});
					},
				);
			},
		});
	};
}

/** As Patroni does, carries on without a user where etcd asks for none. */
function withoutAuthentication(error: unknown): undefined {
	if (!(error instanceof Error && error.message.includes('authentication is not enabled'))) {
		throw error;
	}

	return undefined;
}

/** gRPC's errors say `14 UNAVAILABLE: details`. */
function statusOf(error: unknown): {code: status; details: string} {
	const message = error instanceof Error ? error.message : String(error);
	const [, code, details] = /^(\d+) [A-Z_]+: (.*)$/s.exec(message) ?? [];
	return {code: code === undefined ? status.UNAUTHENTICATED : Number(code), details: details ?? message};
}
