'use strict';
require('../chaincode.cjs')(require('fabric-shim'));
