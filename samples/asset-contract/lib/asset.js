"use strict";
Object.defineProperty(exports, "__esModule", { value: true });
exports.encodeAsset = encodeAsset;
exports.decodeAsset = decodeAsset;
function encodeAsset({ id, owner, value }) {
    return Buffer.from(JSON.stringify({ id, owner, value }));
}
function decodeAsset(bytes) {
    return JSON.parse(Buffer.from(bytes).toString('utf8'));
}
