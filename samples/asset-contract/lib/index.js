"use strict";
Object.defineProperty(exports, "__esModule", { value: true });
exports.contracts = void 0;
const assetContract_1 = require("./assetContract");
exports.contracts = [assetContract_1.AssetContract];
