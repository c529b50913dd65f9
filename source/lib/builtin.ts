/**
 * Lazy access to modules of Node.js. An import would load them at the start with all their exports
 * (fetch, WebSocket and webcrypto among them): 5 to 30 ms each.
 */
export const http = () => process.getBuiltinModule('node:http');
export const https = () => process.getBuiltinModule('node:https');
export const tls = () => process.getBuiltinModule('node:tls');
export const crypto = () => process.getBuiltinModule('node:crypto');
