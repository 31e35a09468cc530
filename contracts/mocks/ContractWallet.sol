// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IERC1271} from "@openzeppelin/contracts/interfaces/IERC1271.sol";
import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {ECDSA} from "@openzeppelin/contracts/utils/cryptography/ECDSA.sol";

/// @notice A wallet that is a contract: accepts what its key signed, while it is willing.
contract ContractWallet is IERC1271 {
    address public immutable key;
    bool public willing = true;

    constructor(address key_) {
        key = key_;
    }

    function setWilling(bool value) external {
        willing = value;
    }

    function approve(IERC20 token, address spender) external {
        token.approve(spender, type(uint256).max);
    }

    function isValidSignature(bytes32 hash, bytes calldata signature) external view returns (bytes4) {
        bool good = willing && ECDSA.recover(hash, signature) == key;
        return good ? IERC1271.isValidSignature.selector : bytes4(0);
    }
}
