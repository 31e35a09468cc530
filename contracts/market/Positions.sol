// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";
import {ERC721} from "solady/src/tokens/ERC721.sol";
import {IPerpMarket} from "../interfaces/IPerpMarket.sol";
import {IPositionDescriptor} from "../interfaces/IPositionDescriptor.sol";
import {Errors} from "../libraries/Errors.sol";
import {FixedMath} from "../libraries/math/FixedMath.sol";
import {PositionMath} from "../libraries/math/PositionMath.sol";
import {Carry, Holding, Position, Side} from "../types/Position.sol";
import {Accrual} from "./Accrual.sol";

/// @notice Positions, each an ERC-721 token; the only writer of them and of the side sums. The token keeps its records
/// at hashed slots, so that contracts with and without it share one storage layout.
abstract contract Positions is Accrual, ERC721 {
    using SafeCast for uint256;

    /* ERC-721 */

    function name() public view override returns (string memory) {
        return string.concat("Bulkhead ", _market);
    }

    function symbol() public view override returns (string memory) {
        return string.concat("bh-", _market);
    }

    function tokenURI(uint256 positionId) public view override returns (string memory) {
        ownerOf(positionId);
        if (descriptor == address(0)) return "";
        return IPositionDescriptor(descriptor).tokenURI(IPerpMarket(address(this)), positionId);
    }

    /// @dev The standard makes it payable; nothing here takes ether.
    function approve(address account, uint256 positionId) public payable override {
        if (msg.value != 0) revert Errors.EtherNotAccepted();
        super.approve(account, positionId);
    }

    /// @dev No ether, as in `approve`. A position that changes hands leaves its resting orders behind.
    function _beforeTokenTransfer(address from, address to, uint256 positionId) internal override {
        if (msg.value != 0) revert Errors.EtherNotAccepted();
        if (from != address(0) && to != address(0)) _transferredAt[positionId] = block.timestamp;
    }

    /* POSITIONS */

    function _readPosition(uint256 positionId) internal view returns (Position memory p) {
        Holding storage h = _holdings[positionId];
        (p.size, p.entryNotional, p.openedAt) = (h.size, h.entryNotional, h.openedAt);
        // Two's complement both ways.
        if (p.size != 0) p.carryIndex = int96(_getExtraData(positionId));
    }

    /// @dev A position of size zero leaves nothing behind.
    function _writePosition(uint256 positionId, Position memory p) internal {
        if (p.size == 0) delete _holdings[positionId];
        else _holdings[positionId] = Holding(p.size, p.entryNotional, p.openedAt);
        _setExtraData(positionId, p.size == 0 ? 0 : uint96(p.carryIndex));
    }

    /// @dev Replaces a position's record and moves the side sums by the same integers.
    function _savePosition(uint256 positionId, Position memory before, Position memory later) internal {
        Side storage s = _sideOf(before.size == 0 ? later.size > 0 : before.size > 0);
        uint256 sizeBefore = FixedMath.abs(before.size);
        uint256 sizeLater = FixedMath.abs(later.size);
        s.openInterest = (s.openInterest + sizeLater - sizeBefore).toUint128();
        s.entryNotional = (uint256(s.entryNotional) + later.entryNotional - before.entryNotional).toUint128();
        s.carrySum += int256(sizeLater) * later.carryIndex - int256(sizeBefore) * before.carryIndex;
        _writePosition(positionId, later);
    }

    function _carryOwed(Position memory p, Carry memory c) internal view returns (int256) {
        return
            PositionMath.carryOwed(FixedMath.abs(p.size), _indexOf(c, p.size > 0), p.carryIndex, quoteScale);
    }
}
