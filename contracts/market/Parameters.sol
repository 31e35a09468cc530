// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Errors} from "../libraries/Errors.sol";
import {ParamStore} from "../libraries/ParamStore.sol";
import {FixedMath} from "../libraries/math/FixedMath.sol";
import {MaintenanceSchedule, MarketParams} from "../types/MarketParams.sol";
import {MarketStorage} from "./MarketStorage.sol";

/// @notice The market's parameters: versions that follow each other, and a tightening under way.
abstract contract Parameters is MarketStorage {
    uint8 private constant MAX_VERSION = 126;

    /// @dev Bit of `Carry.paramVersion`: a tightening of the maintenance terms is announced or under way.
    uint8 private constant SCHEDULED = 128;

    /// @dev What is in force now.
    function _readParams() internal view returns (MarketParams memory p) {
        _fillParams(p, _carry.paramVersion, block.timestamp);
    }

    /// @dev What is in force at `time`: a schedule under way moves the maintenance terms in a straight line, rounded up.
    function _fillParams(MarketParams memory p, uint8 version, uint256 time) internal view {
        ParamStore.read(_storeOf(version & ~SCHEDULED), p);
        if (version & SCHEDULED == 0) return;
        MaintenanceSchedule memory s = _schedule;
        if (time <= s.startsAt) return;
        uint256 whole = s.endsAt - s.startsAt;
        uint256 part = FixedMath.min(time - s.startsAt, whole);
        // Between two values of their own type.
        p.maintenanceBase = uint64(_between(p.maintenanceBase, s.terms.maintenanceBase, part, whole));
        p.maintenanceSlope = uint64(_between(p.maintenanceSlope, s.terms.maintenanceSlope, part, whole));
        p.liquidationFee = uint64(_between(p.liquidationFee, s.terms.liquidationFee, part, whole));
        p.minKeeperReward = uint128(_between(p.minKeeperReward, s.terms.minKeeperReward, part, whole));
    }

    /// @dev Writes a version that is in force from now on. No schedule may be left.
    function _writeParams(MarketParams memory params_) internal returns (uint8 version) {
        version = _carry.paramVersion;
        if (_storeOf(version).code.length != 0) ++version;
        if (version > MAX_VERSION) revert Errors.ParamVersionsUsedUp();
        assert(ParamStore.write(params_) == _storeOf(version));
        _carry.paramVersion = version;
    }

    function _isScheduled() internal view returns (bool) {
        return _carry.paramVersion & SCHEDULED != 0;
    }

    function _startSchedule(MaintenanceSchedule memory next) internal {
        _schedule = next;
        _carry.paramVersion |= SCHEDULED;
    }

    function _endSchedule() internal {
        delete _schedule;
        _carry.paramVersion &= ~SCHEDULED;
    }

    /// @dev Parameter stores are the only contracts a market creates, so the address of each follows from its number.
    function _storeOf(uint256 version) private view returns (address) {
        // RLP of the creator and a nonce below 128; a contract's first is 1.
        bytes32 hash = keccak256(abi.encodePacked(hex"d694", address(this), uint8(version + 1)));
        return address(uint160(uint256(hash)));
    }

    function _between(uint256 from, uint256 to, uint256 part, uint256 whole) private pure returns (uint256) {
        return from + FixedMath.mulDivUp(to - from, part, whole);
    }
}
