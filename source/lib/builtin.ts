/**
 * Node's own modules that are loaded when they are first used. As imports they would be loaded at the start, with all that
 * can be exported of them (fetch, WebSocket and webcrypto among it): 5 to 30 ms each.
 */
export const http = () => process.getBuiltinModule('node:http');
export const https = () => process.getBuiltinModule('node:https');
export const crypto = () => process.getBuiltinModule('node:crypto');
