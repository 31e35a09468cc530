// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Constants} from "../../contracts/libraries/Constants.sol";
import {PositionMath} from "../../contracts/libraries/math/PositionMath.sol";
import {BaseTest} from "../shared/BaseTest.sol";

contract PositionMathTest is BaseTest {
    uint256 private constant SCALE = 1e30;

    function testFuzz_longAndShortOfOneSizeNeverGainTogether(
        uint112 size,
        uint128 entry,
        uint256 price
    ) public pure {
        vm.assume(size != 0);
        price = bound(price, 0, Constants.MAX_PRICE);
        int256 long = PositionMath.pnl(int256(uint256(size)), entry, price, SCALE);
        int256 short = PositionMath.pnl(-int256(uint256(size)), entry, price, SCALE);
        assertLe(long + short, 0);
        assertGe(long + short, -1);
    }

    function testFuzz_pnlIsMonotoneInPrice(
        uint112 size,
        uint128 entry,
        uint256 low,
        uint256 high
    ) public pure {
        low = bound(low, 0, Constants.MAX_PRICE);
        high = bound(high, low, Constants.MAX_PRICE);
        int256 s = int256(uint256(size));
        assertLe(PositionMath.pnl(s, entry, low, SCALE), PositionMath.pnl(s, entry, high, SCALE));
        assertGe(PositionMath.pnl(-s, entry, low, SCALE), PositionMath.pnl(-s, entry, high, SCALE));
    }

    function testFuzz_quotesBracketEachOther(uint112 size, uint256 price, uint8 decimals) public pure {
        price = bound(price, 0, Constants.MAX_PRICE);
        uint256 scale = 10 ** (36 - bound(decimals, 6, 18));
        uint256 down = PositionMath.quoteDown(size, price, scale);
        uint256 up = PositionMath.quoteUp(size, price, scale);
        assertTrue(up == down || up == down + 1);
    }

    function testFuzz_carryOfBothDirectionsFavoursThePool(uint112 size, int112 move) public pure {
        int256 owed = PositionMath.carryOwed(size, move, 0, SCALE);
        int256 due = PositionMath.carryOwed(size, -int256(move), 0, SCALE);
        assertGe(owed + due, 0);
        assertLe(owed + due, 1);
    }

    function testFuzz_partsOfAnEntryAreAgainstTheTrader(
        bool isLong,
        uint112 entry,
        uint112 size,
        uint256 first
    ) public pure {
        vm.assume(size != 0);
        first = bound(first, 0, size);
        uint256 share = PositionMath.entryShare(isLong, entry, first, size);
        assertLe(share, entry);
        // The share over its size is no better for the trader than the whole.
        if (isLong) assertGe(share * size, uint256(entry) * first);
        else assertLe(share * size, uint256(entry) * first);
        // What is left goes whole with what is left.
        if (first < size) {
            uint256 rest = PositionMath.entryShare(isLong, entry - share, size - first, size - first);
            assertEq(share + rest, entry);
        }
        assertEq(PositionMath.entryShare(isLong, entry, size, size), entry);
    }

    /// @notice Closing in parts takes all of the entry in the end, and at every step at least the share of what closed.
    function testFuzz_anEntryIsTakenWholeBySteps(
        bool isLong,
        uint128 entry,
        uint112 size,
        uint112[5] memory parts
    ) public pure {
        vm.assume(size != 0);
        (uint256 left, uint256 leftEntry) = (size, entry);
        for (uint256 i; i <= parts.length && left != 0; ++i) {
            uint256 closed = i == parts.length ? left : bound(parts[i], 0, left);
            uint256 share = PositionMath.entryShare(isLong, leftEntry, closed, left);
            left -= closed;
            leftEntry -= share;
            // What stays is worth no more to the trader per unit than what they started with.
            if (isLong) assertLe(leftEntry * size, uint256(entry) * left);
            else assertGe(leftEntry * size, uint256(entry) * left);
        }
        assertEq(leftEntry, 0);
    }

    /// @notice No way of splitting a close beats closing at once; each part costs at most two units.
    function testFuzz_splittingACloseNeverPays(
        bool isLong,
        uint128 entry,
        uint112 size,
        uint256 price,
        uint112[5] memory parts
    ) public pure {
        vm.assume(size != 0);
        price = bound(price, 0, Constants.MAX_PRICE);
        int256 whole = PositionMath.pnl(_signed(isLong, size), entry, price, SCALE);
        (uint256 left, uint256 leftEntry, int256 sum) = (size, entry, 0);
        for (uint256 i; i <= parts.length && left != 0; ++i) {
            uint256 closed = i == parts.length ? left : bound(parts[i], 0, left);
            uint256 share = PositionMath.entryShare(isLong, leftEntry, closed, left);
            sum += PositionMath.pnl(_signed(isLong, closed), share, price, SCALE);
            left -= closed;
            leftEntry -= share;
        }
        assertLe(sum, whole);
        assertGe(sum, whole - 5);
    }

    function testFuzz_splittingASizeNeverSavesCarry(uint112 size, uint256 first, int112 move) public pure {
        first = bound(first, 0, size);
        int256 whole = PositionMath.carryOwed(size, move, 0, SCALE);
        int256 parts =
            PositionMath.carryOwed(first, move, 0, SCALE) +
                PositionMath.carryOwed(size - first, move, 0, SCALE);
        assertGe(parts, whole);
        assertLe(parts, whole + 1);
    }

    function testFuzz_equityIsItsSum(uint128 collateral, int128 profit, int128 carry) public pure {
        int256 equity = PositionMath.equity(collateral, profit, carry);
        assertEq(equity + carry - profit, int256(uint256(collateral)));
    }

    function _signed(bool isLong, uint256 size) private pure returns (int256) {
        return isLong ? int256(size) : -int256(size);
    }

    function test_extremes() public pure {
        assertEq(PositionMath.pnl(0, 0, Constants.MAX_PRICE, SCALE), 0);
        int256 max = int256(Constants.MAX_SIZE);
        assertGt(PositionMath.pnl(max, 0, Constants.MAX_PRICE, 1e18), 0);
        assertLt(PositionMath.pnl(-max, 0, Constants.MAX_PRICE, 1e18), 0);
        assertEq(PositionMath.equity(5, -7, 1), -3);
    }
}
