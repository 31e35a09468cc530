// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {ReentrancyGuardTransient} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";
import {Errors} from "../../contracts/libraries/Errors.sol";
import {MarketParams} from "../../contracts/types/MarketParams.sol";
import {Order} from "../../contracts/types/Order.sol";
import {PoolFixture} from "../shared/PoolFixture.sol";

/// @notice Makes calls in the middle of a transfer and counts which of them a reentrancy guard refused.
contract Prober {
    address private _target;
    bytes[] private _calls;
    uint256 public entered;
    uint256 public guarded;

    function plan(address target, bytes[] calldata calls) external {
        (_target, _calls, entered, guarded) = (target, calls, 0, 0);
    }

    function strike() external {
        for (uint256 i; i < _calls.length; ++i) {
            // solhint-disable-next-line avoid-low-level-calls
            (bool ok, bytes memory result) = _target.call(_calls[i]);
            if (ok) ++entered;
            else if (bytes4(result) == ReentrancyGuardTransient.ReentrancyGuardReentrantCall.selector)
                ++guarded;
        }
    }
}

/// @notice Attempts to take from the other providers, or to keep them from what is theirs.
contract PoolAttacksTest is PoolFixture {
    uint256 private constant HELD = 20_000_000e6;

    address private _attacker = makeAddr("attacker");
    address private _victim = makeAddr("victim");
    address private _holder = makeAddr("holder");
    address private _trader = makeAddr("trader");
    Prober private _prober = new Prober();
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

    /* REENTRANCY */

    /// @notice Every function of the vault that changes anything, called in the middle of a transfer of each other one,
    /// is refused by the vault's guard.
    function test_theVaultIsNotEnteredTwice() public {
        _deployMarket(6, PRICE);
        _deposit(_holder, HELD);
        address prober = address(_prober);
        _deposit(prober, 1_000e6);
        _fund(prober, 100e6);
        // A claim, shares taken back and a request: nothing but the guard is in the way.
        _requestRedeem(prober, 1e14);
        _fulfillAt(PRICE);
        _requestRedeem(prober, 1e14);
        vm.prank(prober);
        pool.cancelRedeemRequest(0, prober);
        _requestRedeem(prober, 1e14);
        bytes[] memory calls = new bytes[](9);
        calls[0] = abi.encodeCall(pool.deposit, (10e6, prober));
        calls[1] = abi.encodeCall(pool.mint, (1e13, prober));
        calls[2] = abi.encodeCall(pool.withdraw, (1e6, prober, prober));
        calls[3] = abi.encodeCall(pool.redeem, (1e12, prober, prober));
        calls[4] = abi.encodeCall(pool.requestRedeem, (1e12, prober, prober));
        calls[5] = abi.encodeCall(pool.claimCancelRedeemRequest, (0, prober, prober));
        calls[6] = abi.encodeCall(pool.cancelRedeemRequest, (0, prober));
        calls[7] = abi.encodeCall(pool.collect, ());
        calls[8] = abi.encodeCall(pool.fulfillRedeems, ());
        _prober.plan(address(pool), calls);

        // All but redeeming a batch that is not due go through on their own.
        uint256 state = vm.snapshotState();
        _prober.strike();
        assertEq(_prober.entered(), 8, "control");
        vm.revertToState(state);

        _fund(_holder, 70_000_000e6);
        vm.prank(_holder);
        vault.fund(address(pool), 30_000_000e6);
        _requestRedeem(_holder, pool.balanceOf(_holder) / 2);
        _fulfillAt(PRICE);
        _fulfillAt(PRICE);
        _requestRedeem(_holder, pool.balanceOf(_holder));
        vm.prank(_holder);
        vault.fund(address(pool), 30_000_000e6);
        for (uint256 i; i < 6; ++i) {
            state = vm.snapshotState();
            // More than the cash: the claim has to be brought home.
            if (i == 0) {
                _observeAt(pool.fulfillableFrom() + 1, PRICE);
                assertTrue(pool.isFulfillable());
            }
            token.setHook(prober, abi.encodeCall(Prober.strike, ()));
            vm.startPrank(_holder);
            if (i == 0) pool.fulfillRedeems();
            else if (i == 1) pool.deposit(1e6, _holder);
            else if (i == 2) pool.mint(1e12, _holder);
            else if (i == 3) pool.withdraw(1e6, _holder, _holder);
            else if (i == 4) pool.redeem(1e12, _holder, _holder);
            else pool.collect();
            vm.stopPrank();
            assertGt(_prober.guarded(), 0, "no transfer");
            assertEq(_prober.guarded() % 9, 0, "not refused");
            assertEq(_prober.entered(), 0, "entered");
            vm.revertToState(state);
        }
    }

    /// @notice While the market moves the pool's money nobody deposits, collects or redeems a batch, and what goes
    /// through changes the value of no share.
    function test_theVaultTakesAndPaysNothingInTheMiddleOfATrade() public {
        _deployMarket(6, PRICE);
        _deposit(_holder, HELD);
        address prober = address(_prober);
        _deposit(prober, 1_000e6);
        uint256 id = _open(_trader, 1_000e18, 2_000_000e6);
        _requestRedeem(prober, 1e14);
        bytes[] memory calls = new bytes[](4);
        calls[0] = abi.encodeCall(pool.deposit, (10e6, prober));
        calls[1] = abi.encodeCall(pool.mint, (1e13, prober));
        calls[2] = abi.encodeCall(pool.collect, ());
        calls[3] = abi.encodeCall(pool.fulfillRedeems, ());
        _prober.plan(address(pool), calls);
        _fund(prober, 100e6);
        _observeAt(pool.fulfillableFrom() - 30, PRICE);
        (, Order memory order) = _commit(_trader, _request(id, 0, 0));
        _observeAt(pool.fulfillableFrom() + 1, 2_400e18);
        uint80 round = (uint80(feed.phaseId()) << 64) | uint80(aggregator.latestRound());
        assertTrue(pool.isFulfillable());
        token.setHook(prober, abi.encodeCall(Prober.strike, ()));
        // The profit is more than the pool's claim: its cash is moved.
        _settle(order, round, keeper);
        assertGt(_prober.guarded(), 0, "no transfer");
        assertEq(_prober.entered(), 0, "entered");
        token.setHook(address(0), "");
        assertEq(market.position(id).size, 0, "closed all the same");
    }

    /* GRIEFING */

    /// @notice Dust in the victim's name neither delays what the victim requests nor changes what it brings, and comes
    /// on top.
    function test_dustInAnothersNameHarmsNobody() public {
        _deployMarket(6, PRICE);
        _deposit(_holder, HELD);
        uint256 shares = _deposit(_victim, 1_000_000e6);
        _deposit(_attacker, 1_000e6);
        for (uint256 round; round < 2; ++round) {
            uint256 state = vm.snapshotState();
            // A batch is open; the victim is in the next one, with dust or without.
            _requestRedeem(_holder, 1e12);
            if (round == 1) _dust();
            _requestRedeem(_victim, shares);
            if (round == 1) _dust();
            _fulfillAt(PRICE);
            if (round == 1) _dust();
            _fulfillAt(PRICE);
            uint256 got = _claim(_victim);
            assertGe(got + 1, 1_000_000e6, "delayed");
            assertLe(got, 1_000_000e6 + 100, "more than the dust");
            vm.revertToState(state);
        }
        // In the way of a cancellation it is only until somebody redeems the batch: the victim can.
        _dust();
        _requestRedeem(_victim, shares);
        _observeAt(pool.fulfillableFrom() + 1, PRICE);
        vm.expectRevert(abi.encodeWithSelector(Errors.RedeemBatchDue.selector, uint256(1)));
        vm.prank(_victim);
        pool.cancelRedeemRequest(0, _victim);
        vm.prank(_victim);
        pool.fulfillRedeems();
        assertGe(_cancel(_victim), shares, "taken back");
    }

    function _dust() private {
        for (uint256 i; i < 20; ++i) {
            vm.prank(_attacker);
            pool.requestRedeem(1 + i, _victim, _attacker);
        }
    }

    /// @notice Shares sent to the vault are lost to their owner and nobody else's gain: no request has them.
    function test_sharesSentToTheVaultAreNobodys() public {
        _deployMarket(6, PRICE);
        _deposit(_holder, HELD);
        uint256 shares = _deposit(_attacker, 1_000_000e6);
        uint256 before = _perShare();
        _requestRedeem(_holder, 1e18);
        vm.prank(_attacker);
        pool.transfer(address(pool), shares);
        assertEq(_perShare(), before);
        (uint256 redeemed, ) = _fulfillAt(PRICE);
        assertEq(redeemed, 1e18);
        assertEq(pool.balanceOf(address(pool)), shares);
        assertEq(_perShare(), before);
    }

    /// @notice Who can't be paid keeps nobody else from being paid, and can be paid elsewhere.
    function test_aBlockedReceiverBlocksNobody() public {
        _deployMarket(6, PRICE);
        _deposit(_holder, HELD);
        _deposit(_victim, 1_000e6);
        _deposit(_attacker, 1_000e6);
        _requestRedeem(_attacker, 1e12);
        _requestRedeem(_attacker, pool.balanceOf(_attacker));
        _requestRedeem(_victim, pool.balanceOf(_victim));
        token.setBlocked(_attacker, true);
        _fulfillAt(PRICE);
        _fulfillAt(PRICE);
        vm.expectRevert();
        vm.prank(_attacker);
        pool.withdraw(1e6, _attacker, _attacker);
        assertEq(_claim(_victim), 1_000e6);
        uint256 owed = pool.maxWithdraw(_attacker);
        vm.prank(_attacker);
        pool.withdraw(owed, treasury, _attacker);
        assertEq(token.balanceOf(treasury), 1_000e6);
    }

    /// @notice Requests and cancellations without end delay nobody for more than two periods and a round of prices.
    /// hardhat-config: fuzz.runs = 30
    function testFuzz_spamDelaysNobody(uint256 seed) public {
        _deployMarket(6, PRICE);
        _deposit(_holder, HELD);
        uint256 shares = _deposit(_victim, 1_000e6);
        _deposit(_attacker, 1_000e6);
        uint256 asked;
        for (uint256 i; i < 60; ++i) {
            uint256 random = uint256(keccak256(abi.encode(seed, i)));
            _observeAt(vm.getBlockTimestamp() + 5 minutes, PRICE);
            if (pool.isFulfillable()) pool.fulfillRedeems();
            for (uint256 k; k < 3; ++k) _spam(random >> (8 * k));
            if (asked == 0 && (random >> 64) % 8 == 0) {
                asked = vm.getBlockTimestamp();
                _requestRedeem(_victim, shares);
            }
            if (asked != 0 && pool.pendingRedeemRequest(0, _victim) == 0) return;
            if (asked != 0)
                assertLe(vm.getBlockTimestamp(), asked + 2 * REDEMPTION_PERIOD + 10 minutes, "delayed");
        }
    }

    function _spam(uint256 random) private {
        if (random % 3 == 0 && pool.pendingRedeemRequest(0, _attacker) != 0) {
            _cancel(_attacker);
        } else {
            uint256 held = pool.balanceOf(_attacker);
            if (held != 0) _requestRedeem(_attacker, random % 2 == 0 ? 1 : held);
        }
    }

    /* FIRST OUT */

    /// @notice Two with the same shares in one batch get the same from it, to a unit, while a fall of 40 % takes the pool's
    /// money and the batch is paid in parts; whatever the order of their calls. Who asked once the fall had begun is
    /// not out before them, and who stays is not the worse for it.
    /// hardhat-config: fuzz.runs = 60
    function testFuzz_nobodyIsFirstOutInACrash(uint256 seed, uint256 each) public {
        _deployMarket(6, PRICE);
        each = _bound(each, 10_000e6, 9_000_000e6);
        uint256 shares = _deposit(_victim, each);
        _deposit(_attacker, each);
        uint256 late = _deposit(treasury, each);
        _deposit(_holder, HELD);
        // The pool loses when the price falls; at first next to nothing of it is free.
        _open(_trader, -int256((pool.cash() * 0.79e12) / 2_000), 60_000_000e6);
        _requestRedeem(_holder, 1e12);
        (address a, address b) = seed % 2 == 0 ? (_attacker, _victim) : (_victim, _attacker);
        _requestRedeem(a, shares);
        _requestRedeem(b, shares);
        uint256 price = PRICE;
        for (uint256 i; i < 8; ++i) {
            uint256 random = uint256(keccak256(abi.encode(seed, i)));
            price = (price * 94) / 100;
            uint256 from = pool.fulfillableFrom();
            _observeAt((from > vm.getBlockTimestamp() ? from : vm.getBlockTimestamp()) + 1, price);
            uint256 before = _perShare();
            if (pool.isFulfillable()) pool.fulfillRedeems();
            // Burning rounds the share price up.
            assertGe(_perShare(), before, "those who stay");
            if (i == 0) _requestRedeem(treasury, late);
            if (random % 4 == 1) _claim(_attacker);
            if (random % 4 == 2) _claim(_victim);
            if (random % 4 == 3) _requestRedeem(_holder, 1 + ((random >> 8) % 1e18));
            assertApproxEqAbs(_outOf(a), _outOf(b), 1 + i, "first out");
            assertApproxEqAbs(
                pool.pendingRedeemRequest(0, a),
                pool.pendingRedeemRequest(0, b),
                1 + i,
                "pending"
            );
            assertLe(_outOf(treasury), _outOf(a), "late and out before");
        }
        _claim(_attacker);
        _claim(_victim);
        assertApproxEqAbs(token.balanceOf(_attacker), token.balanceOf(_victim), 9, "first out");
    }

    function _outOf(address provider) private view returns (uint256) {
        return token.balanceOf(provider) + pool.maxWithdraw(provider);
    }
}
