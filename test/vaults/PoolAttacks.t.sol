// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Errors} from "../../contracts/libraries/Errors.sol";
import {MarketParams} from "../../contracts/types/MarketParams.sol";
import {PoolFixture} from "../shared/PoolFixture.sol";

/// @notice Attempts to take from the other providers.
contract PoolAttacksTest is PoolFixture {
    uint256 private constant HELD = 20_000_000e6;

    address private _attacker = makeAddr("attacker");
    address private _victim = makeAddr("victim");
    address private _holder = makeAddr("holder");
    address private _trader = makeAddr("trader");
    address[] private _providers;

    /// @dev What the insurance fund keeps is reached soon.
    function _params() internal view override returns (MarketParams memory p) {
        p = super._params();
        p.insuranceTarget = uint128(50_000 * unit);
    }

    /* INFLATION */

    /// @notice Whatever the first depositor gives away, in whichever of seven ways, before or after the victim comes:
    /// they lose at least what the victim loses, and that is at most the price of one share and two units.
    /// hardhat-config: fuzz.runs = 700
    function testFuzz_theFirstDepositorTakesNothingFromTheNext(
        uint256 first,
        uint256 gift,
        uint256 payment,
        uint256 path,
        uint256 order
    ) public {
        _deployMarket(6, PRICE);
        _fund(_holder, 50_000e6);
        vm.prank(_holder);
        insurance.donate(50_000e6);
        // Also somebody who was there before and left.
        if (order % 4 == 3) {
            _deposit(_holder, 1_000e6 + 7);
            _leave(_holder, PRICE);
        }
        first = first % 3 == 0 ? _bound(first, 0, 3) : _bound(first, 0, 10e6);
        gift = gift % 3 == 0 ? _bound(gift, 0, 1e6) : _bound(gift, 0, 10_000_000e6);
        payment = payment % 2 == 0 ? _bound(payment, 1, 100e6) : _bound(payment, 1, 10_000_000e6);
        _fund(_attacker, first + gift);
        if (first != 0) {
            vm.prank(_attacker);
            pool.deposit(first, _attacker);
        }
        uint256 early = order % 3 == 0 ? gift : gift / 2;
        _give(_attacker, early, path);
        (, uint256 high) = _bandAt(PRICE);
        uint256 bound = (high + insurance.surplus() + gift) / (pool.totalSupply() + VIRTUAL) + 2;
        _fund(_victim, payment);
        vm.prank(_victim);
        try pool.deposit(payment, _victim) {} catch {
            // Less than a share costs.
            assertLt(payment, bound, "kept out");
            return;
        }
        _give(_attacker, gift - early, path);
        // Anybody can; the victim would.
        insurance.releaseSurplus();
        if (order % 2 == 0) _leave(_attacker, PRICE);
        _leave(_victim, PRICE);
        if (order % 2 == 1) _leave(_attacker, PRICE);
        uint256 got = token.balanceOf(_victim);
        uint256 lost = payment > got ? payment - got : 0;
        uint256 back = token.balanceOf(_attacker) + vault.claimOf(_attacker);
        assertLe(back, first + gift, "the attacker gained");
        // A deposit and a redemption are rounded once each.
        assertGe(first + gift - back + 2, lost, "the victim lost more than the attacker");
        assertLe(lost, bound, "the victim lost");
    }

    /// @dev Gives `amount` to the pool: by transfer, into its claim, or by way of insurance.
    function _give(address donor, uint256 amount, uint256 path) private {
        if (amount == 0) return;
        vm.startPrank(donor);
        path %= 7;
        if (path == 0) {
            token.transfer(address(pool), amount);
        } else if (path == 1) {
            token.transfer(address(vault), amount);
            vault.skim();
            insurance.releaseSurplus();
        } else if (path == 2) {
            vault.fund(donor, amount);
            vault.transferClaim(address(pool), amount);
        } else if (path == 3) {
            vault.fund(address(pool), amount);
        } else if (path == 4) {
            insurance.donate(amount);
            insurance.releaseSurplus();
        } else if (path == 5) {
            insurance.donate(amount);
        } else {
            vault.fund(address(pool), amount);
            pool.collect();
        }
        vm.stopPrank();
    }

    /* ROUNDING */

    /// @notice Deposits, requests, cancellations and claims of a few units, in any order: what is held covers what is
    /// owed after each, those who hold lose nothing, and nobody leaves with a unit more than they came with.
    /// hardhat-config: fuzz.runs = 48
    function testFuzz_roundingFeedsNobody(uint256 seed) public {
        // The narrowest band there is: rounding alone protects.
        _band = 0;
        _deployMarket(6, PRICE);
        _deposit(_holder, 1_234_567.891011e6);
        int256 size = (seed % 2 == 0 ? int256(1) : -1) * 97.123456789e18;
        _open(_trader, size, 300_000e6);
        _observe(2_017.77e18 + (seed % 1e18));
        address[2] memory actors = [_attacker, _victim];
        for (uint256 i; i < 2; ++i) {
            _providers.push(actors[i]);
            _fund(actors[i], 1_000e6);
        }
        uint256 price = _indexPrice();
        uint256 before = _perShare();
        for (uint256 i; i < 150; ++i) {
            uint256 random = uint256(keccak256(abi.encode(seed, i)));
            _tinyStep(actors[random % 2], random >> 8, price);
            _assertBacked(_providers);
            uint256 now_ = _perShare();
            assertGe(now_, before, "value of a share");
            before = now_;
        }
        uint256 got;
        for (uint256 i; i < 2; ++i) {
            _leave(actors[i], price);
            assertLe(token.balanceOf(actors[i]), 1_000e6, "a unit more");
            got += token.balanceOf(actors[i]);
        }
        // And not much less: a few units for each of 150 steps.
        assertGe(got, 2_000e6 - 600, "lost to rounding");
        assertEq(pool.pendingRedeemRequest(0, _attacker) + pool.pendingRedeemRequest(0, _victim), 0);
    }

    function _tinyStep(address who, uint256 random, uint256 price) private {
        uint256 amount = 1 + ((random >> 8) % 20);
        uint256 held = pool.balanceOf(who);
        uint256 pending = pool.pendingRedeemRequest(0, who);
        uint256 kind = random % 8;
        if (kind == 7) {
            if (pool.fulfillableFrom() != 0 && (random >> 64) % 2 == 0)
                _observeAt(vm.getBlockTimestamp() + REDEMPTION_PERIOD, price);
            if (pool.isFulfillable()) pool.fulfillRedeems();
            return;
        }
        vm.startPrank(who);
        if (kind < 2) {
            try pool.deposit(amount, who) {} catch (bytes memory reason) {
                assertEq(bytes4(reason), Errors.PoolAmountTooSmall.selector, "refused");
            }
        } else if (kind == 2) {
            pool.mint(((random >> 64) % 3e6) + 1, who);
        } else if (kind == 3 && held != 0) {
            uint256 shares = 1 + ((random >> 64) % (amount * 1e6));
            pool.requestRedeem(shares < held ? shares : held, who, who);
        } else if (kind == 4 && pending != 0 && !pool.isFulfillable() && (random >> 64) % 4 == 0) {
            pool.cancelRedeemRequest(0, who);
            pool.claimCancelRedeemRequest(0, who, who);
        } else if (kind == 5) {
            uint256 owed = pool.maxWithdraw(who);
            pool.withdraw(amount < owed ? amount : owed, who, who);
        } else if (kind == 6) {
            uint256 shares = pool.maxRedeem(who);
            uint256 part = (random >> 64) % (amount * 1e5);
            pool.redeem(part < shares ? part : shares, who, who);
        }
        vm.stopPrank();
    }

    /* ONE'S OWN TRADES */

    /// @notice A provider who is also the only trader opens and closes a position of any size around coming and going, in
    /// any order, with carry and without: at a price that stands still they end with less, and the other provider
    /// with no less than before.
    /// hardhat-config: fuzz.runs = 150
    function testFuzz_ownTradesMoveNoValue(
        uint256 size,
        uint256 mine,
        uint256 order,
        bool long,
        bool hasCarry
    ) public {
        _hasCarry = hasCarry;
        _deployMarket(6, PRICE);
        uint256 worth = 5_000_000e6;
        uint256 shares = _deposit(_victim, worth);
        // At the edge of the fund: the trades' fees go to the pool through insurance, too.
        _fund(_holder, 50_000e6);
        vm.prank(_holder);
        insurance.donate(50_000e6);
        mine = _bound(mine, 1e6, 50_000_000e6);
        // The victim's own money backs it where the attacker's is not there yet.
        size = _bound(size, 0.03e18, 1_900e18);
        uint256 collateral = 4_000_000e6;
        _fund(_attacker, mine);
        uint256 id;
        // Each step has its place in the order: deposit, open, request and redeem, close.
        uint256[4] memory at = [order % 4, (order >> 8) % 4, (order >> 16) % 4, (order >> 24) % 4];
        if (at[2] < at[0]) at[2] = at[0];
        if (at[3] < at[1]) at[3] = at[1];
        for (uint256 t; t < 4; ++t) {
            if (at[0] == t) {
                vm.prank(_attacker);
                pool.deposit(mine, _attacker);
            }
            if (at[1] == t) id = _open(_attacker, long ? int256(size) : -int256(size), collateral);
            if (at[2] == t) {
                _requestRedeem(_attacker, pool.balanceOf(_attacker));
                _fulfillAt(PRICE);
            }
            if (at[3] == t) _close(_attacker, id);
            if ((order >> 32) % 4 == t) insurance.releaseSurplus();
            _observe(PRICE);
        }
        insurance.releaseSurplus();
        _leave(_attacker, PRICE);
        uint256 got = token.balanceOf(_attacker) + vault.claimOf(_attacker);
        assertLt(got, mine + collateral, "the attacker gained");
        assertGe(_worth(shares) + 1, worth, "the victim lost");
    }

    /// @notice Premiums move the value while a position is open, and are given back when it closes. A provider's own
    /// position makes no price to leave or to come at, because the band takes more per unit of skew than the premium
    /// moves. With a band below the greatest premium it would pay: no market has one.
    function test_theBandTakesMoreThanPremiumsMove() public {
        uint64[3] memory bands = [uint64(0.0175e18), 0.01e18, 0.005e18];
        for (uint256 i; i < bands.length; ++i) {
            assertLe(_openLeaveClose(bands[i]), 0, "open, leave, close");
            assertLe(_offsetComeClose(bands[i]), 0, "offset, come, close, leave");
        }
    }

    /// @dev Leaves at a value that holds the premium of one's own position, and takes the premium back from who stays.
    function _openLeaveClose(uint256 band) private returns (int256 gain) {
        _startWith(band);
        _deposit(_attacker, 15_000_000e6);
        uint256 id = _open(_attacker, 1_900e18, 4_000_000e6);
        _leave(_attacker, PRICE);
        _close(_attacker, id);
        return int256(token.balanceOf(_attacker)) - 19_000_000e6;
    }

    /// @dev Comes at a value that lacks the premium of somebody's position, because one's own has offset it.
    function _offsetComeClose(uint256 band) private returns (int256 gain) {
        _startWith(band);
        _open(_trader, 1_900e18, 4_000_000e6);
        uint256 id = _open(_attacker, -1_900e18, 4_000_000e6);
        _deposit(_attacker, 15_000_000e6);
        _close(_attacker, id);
        _leave(_attacker, PRICE);
        assertEq(pool.pendingRedeemRequest(0, _attacker), 0, "out");
        return int256(token.balanceOf(_attacker)) - 19_000_000e6;
    }

    function _startWith(uint256 band) private {
        _band = band;
        _deployMarket(6, PRICE);
        _deposit(_victim, 5_000_000e6);
    }

    /// @notice What insurance has beyond its target is nobody's catch: who comes before it is released and leaves after
    /// gains nothing, also without a band.
    /// hardhat-config: fuzz.runs = 100
    function testFuzz_aSurplusIsNoPrize(uint256 surplus, uint256 mine, uint256 pass) public {
        _band = 0;
        _deployMarket(6, PRICE);
        _deposit(_victim, 3_000_000.000001e6);
        surplus = _bound(surplus, 1, 5_000_000e6);
        mine = _bound(mine, 1, 50_000_000e6);
        _fund(_holder, 50_000e6 + surplus);
        vm.prank(_holder);
        insurance.donate(50_000e6 + surplus);
        _deposit(_attacker, mine);
        if (pass % 3 == 0) insurance.releaseSurplus();
        _requestRedeem(_attacker, pool.balanceOf(_attacker));
        if (pass % 3 == 1) insurance.releaseSurplus();
        _fulfillAt(PRICE);
        insurance.releaseSurplus();
        assertLe(_claim(_attacker), mine, "caught some of it");
    }

    /// @notice Giving to the pool before, between or after one's request and its redemption costs at least what is given
    /// to others.
    /// hardhat-config: fuzz.runs = 200
    function testFuzz_giftsAroundARedemptionCostTheGiver(
        uint256 gift,
        uint256 path,
        uint256 moment,
        uint256 mine
    ) public {
        _deployMarket(6, PRICE);
        _deposit(_holder, HELD);
        _fund(_holder, 50_000e6);
        vm.prank(_holder);
        insurance.donate(50_000e6);
        _open(_trader, moment % 2 == 0 ? int256(3_000e18) : -3_000e18, 10_000_000e6);
        mine = _bound(mine, 1e6, 15_000_000e6);
        uint256 shares = _deposit(_attacker, mine);
        uint256 worth = _worth(shares);
        gift = _bound(gift, 1, 10_000_000e6);
        _fund(_attacker, gift);
        uint256 holders = _worth(pool.balanceOf(_holder));
        moment = (moment >> 8) % 4;
        if (moment == 0) _give(_attacker, gift, path);
        _requestRedeem(_attacker, shares);
        if (moment == 1) _give(_attacker, gift, path);
        _observeAt(pool.fulfillableFrom() + 1, PRICE);
        if (moment == 2) _give(_attacker, gift, path);
        pool.fulfillRedeems();
        if (moment == 3) _give(_attacker, gift, path);
        uint256 got = _claim(_attacker) + _worth(pool.pendingRedeemRequest(0, _attacker));
        assertLt(got, worth + gift + 1, "the giver gained");
        assertGe(_worth(pool.balanceOf(_holder)) + 1, holders, "a holder lost");
    }

    /* INCOME */

    /// @notice Coming just before another's position opens, for its fee and its premium, and leaving with the next
    /// batch while it is open brings nothing; nor does coming before it closes.
    /// hardhat-config: fuzz.runs = 150
    function testFuzz_aTradeIsNoPrize(uint256 size, uint256 mine, bool long, bool closing) public {
        _deployMarket(6, PRICE);
        _deposit(_holder, HELD);
        size = _bound(size, 1e18, 7_900e18);
        mine = _bound(mine, 1e6, 50_000_000e6);
        uint256 id;
        int256 signed = long ? int256(size) : -int256(size);
        if (closing) id = _open(_trader, signed, 10_000_000e6);
        _deposit(_attacker, mine);
        if (closing) _close(_trader, id);
        else _open(_trader, signed, 10_000_000e6);
        uint256 got = _leave(_attacker, PRICE);
        // What positions still hold back counts at what it would bring.
        (uint256 low, ) = _bandAt(PRICE);
        uint256 pending = pool.pendingRedeemRequest(0, _attacker);
        got += (pending * (low + 1)) / (pool.totalSupply() + VIRTUAL);
        assertLe(got, mine, "fished a fee");
    }

    /// @notice Carry comes into the value second by second, not when somebody settles it: just before and just after
    /// it is accrued, a share is worth, costs and brings the same.
    /// hardhat-config: fuzz.runs = 100
    function testFuzz_carryComesWithoutJumps(uint256 size, bool long, uint256 seed) public {
        _hasCarry = true;
        _deployMarket(6, PRICE);
        _deposit(_holder, HELD);
        size = _bound(size, 10e18, 7_900e18);
        _open(_trader, long ? int256(size) : -int256(size), 10_000_000e6);
        for (uint256 i; i < 20; ++i) {
            uint256 random = uint256(keccak256(abi.encode(seed, i)));
            uint256 price = PRICE - 100e18 + (random % 200e18);
            _observeAt(vm.getBlockTimestamp() + 1 + ((random >> 64) % 6 hours), price);
            price = _indexPrice();
            int256 before = pool.netAssetValue(price);
            uint256 shares = pool.previewDeposit(1_000_000e6);
            market.accrue();
            assertEq(pool.netAssetValue(price), before, "a jump");
            assertEq(pool.previewDeposit(1_000_000e6), shares, "a jump of the price of a deposit");
            (, uint256 high) = _bandAt(price);
            assertEq(shares, (1_000_000e6 * (pool.totalSupply() + VIRTUAL)) / (high + 1), "without carry");
            // At most 450 % a year of the side, in a second.
            vm.warp(vm.getBlockTimestamp() + 1);
            int256 later = pool.netAssetValue(price);
            int256 most = int256((size * price) / 1e30 / 5_000_000) + 2;
            assertApproxEqAbs(later, before, uint256(most), "more than a second's carry");
        }
    }
}
